using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator BatchNormOp = new("batch_norm");
            private static readonly Operator LayerNormOp = new("layer_norm");
            private static readonly Operator GroupNormOp = new("group_norm");

            /// <summary>
            /// In training, normalises with the batch's statistics and moves the running ones towards them by <paramref name="momentum"/>, in place; else
            /// normalises with the running ones.
            /// </summary>
            public static Tensor batch_norm(
                Tensor input,
                Tensor? running_mean,
                Tensor? running_var,
                Tensor? weight = null,
                Tensor? bias = null,
                bool training = false,
                double momentum = 0.1,
                double eps = 1e-5) =>
                BatchNormOp.Call(input, weight, bias, running_mean, running_var, training, momentum, eps, true);

            public static unsafe Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5)
            {
                fixed (long* shape = normalized_shape)
                {
                    return LayerNormOp.Call(input, Argument.Ints(shape, normalized_shape.Length), weight, bias, eps);
                }
            }

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                GroupNormOp.Call(input, num_groups, weight, bias, eps);
        }
    }
}
