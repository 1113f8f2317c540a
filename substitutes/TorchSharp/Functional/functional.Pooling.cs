using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator MaxPool2dOp = new("max_pool2d");
            private static readonly Operator AvgPool2dOp = new("avg_pool2d");
            private static readonly Operator AdaptiveAvgPool2dOp = new("adaptive_avg_pool2d");

            public static Tensor max_pool2d(
                Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                MaxPool2d(input, kernel_size, strides ?? kernel_size, padding ?? Zero, dilation ?? One, ceil_mode);

            public static Tensor max_pool2d(
                Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                MaxPool2d(input, [kernel_size], [stride ?? kernel_size], [padding ?? 0], [dilation ?? 1], ceil_mode);

            public static Tensor max_pool2d(
                Tensor input,
                (long, long) kernel_size,
                (long, long)? stride = null,
                (long, long)? padding = null,
                (long, long)? dilation = null,
                bool ceil_mode = false)
            {
                var (step, pad, spread) = (stride ?? kernel_size, padding ?? (0, 0), dilation ?? (1, 1));
                return MaxPool2d(
                    input,
                    [kernel_size.Item1, kernel_size.Item2],
                    [step.Item1, step.Item2],
                    [pad.Item1, pad.Item2],
                    [spread.Item1, spread.Item2],
                    ceil_mode);
            }

            public static Tensor avg_pool2d(
                Tensor input,
                long[] kernel_size,
                long[]? stride = null,
                long[]? padding = null,
                bool ceil_mode = false,
                bool count_include_pad = true,
                long? divisor_override = null) =>
                AvgPool2d(input, kernel_size, stride ?? kernel_size, padding ?? Zero, ceil_mode, count_include_pad, divisor_override);

            public static Tensor avg_pool2d(
                Tensor input,
                long kernel_size,
                long? stride = null,
                long padding = 0,
                bool ceil_mode = false,
                bool count_include_pad = true,
                long? divisor_override = null) =>
                AvgPool2d(input, [kernel_size], [stride ?? kernel_size], [padding], ceil_mode, count_include_pad, divisor_override);

            public static Tensor avg_pool2d(
                Tensor input,
                (long, long) kernel_size,
                (long, long)? stride = null,
                (long, long)? padding = null,
                bool ceil_mode = false,
                bool count_include_pad = true,
                long? divisor_override = null)
            {
                var (step, pad) = (stride ?? kernel_size, padding ?? (0, 0));
                return AvgPool2d(
                    input,
                    [kernel_size.Item1, kernel_size.Item2],
                    [step.Item1, step.Item2],
                    [pad.Item1, pad.Item2],
                    ceil_mode,
                    count_include_pad,
                    divisor_override);
            }

            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) => AdaptiveAvgPool2d(input, output_size);

            public static Tensor adaptive_avg_pool2d(Tensor input, (long, long) output_size) =>
                AdaptiveAvgPool2d(input, [output_size.Item1, output_size.Item2]);

            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => AdaptiveAvgPool2d(input, [output_size, output_size]);

            private static unsafe Tensor MaxPool2d(
                Tensor input, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, bool ceil)
            {
                fixed (long* kernels = kernel, strides = stride, paddings = padding, dilations = dilation)
                {
                    return MaxPool2dOp.Call(
                        input,
                        Argument.Ints(kernels, kernel.Length),
                        Argument.Ints(strides, stride.Length),
                        Argument.Ints(paddings, padding.Length),
                        Argument.Ints(dilations, dilation.Length),
                        ceil);
                }
            }

            private static unsafe Tensor AvgPool2d(
                Tensor input, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, bool ceil, bool countPadding, long? divisor)
            {
                fixed (long* kernels = kernel, strides = stride, paddings = padding)
                {
                    return AvgPool2dOp.Call(
                        input,
                        Argument.Ints(kernels, kernel.Length),
                        Argument.Ints(strides, stride.Length),
                        Argument.Ints(paddings, padding.Length),
                        ceil,
                        countPadding,
                        divisor);
                }
            }

            private static unsafe Tensor AdaptiveAvgPool2d(Tensor input, ReadOnlySpan<long> size)
            {
                fixed (long* sizes = size)
                {
                    return AdaptiveAvgPool2dOp.Call(input, Argument.Ints(sizes, size.Length));
                }
            }
        }
    }
}
