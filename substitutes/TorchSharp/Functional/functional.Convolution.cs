using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator Conv1dOp = new("conv1d");
            private static readonly Operator Conv2dOp = new("conv2d");
            private static readonly long[] Zero = [0];
            private static readonly long[] One = [1];

            public static unsafe Tensor conv1d(
                Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1)
            {
                var (step, pad, spread) = (stride ?? 1, padding ?? 0, dilation ?? 1);
                return Conv1dOp.Call(input, weight, bias, Argument.Ints(&step, 1), Argument.Ints(&pad, 1), Argument.Ints(&spread, 1), groups);
            }

            /// <summary>Input [batch, in, height, width], weight [out, in / groups, height, width], bias [out].</summary>
            public static unsafe Tensor conv2d(
                Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1)
            {
                strides ??= One;
                padding ??= Zero;
                dilation ??= One;
                fixed (long* stride = strides, pad = padding, spread = dilation)
                {
                    return Conv2dOp.Call(
                        input,
                        weight,
                        bias,
                        Argument.Ints(stride, strides.Length),
                        Argument.Ints(pad, padding.Length),
                        Argument.Ints(spread, dilation.Length),
                        groups);
                }
            }
        }
    }
}
