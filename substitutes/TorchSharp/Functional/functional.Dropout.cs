using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator DropoutOp = new("dropout");
            private static readonly Operator DropoutInPlaceOp = new("dropout_");
            private static readonly Operator FeatureDropoutOp = new("feature_dropout");
            private static readonly Operator FeatureDropoutInPlaceOp = new("feature_dropout_");

            /// <summary>In training, zeroes each element with probability <paramref name="p"/> and scales the others by 1 / (1 - p).</summary>
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? DropoutInPlaceOp.Change(input, p, training).alias() : DropoutOp.Call(input, p, training);

            /// <summary>As <see cref="dropout"/>, for whole channels of [batch, channel, height, width].</summary>
            public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? FeatureDropoutInPlaceOp.Change(input, p, training).alias() : FeatureDropoutOp.Call(input, p, training);
        }
    }
}
