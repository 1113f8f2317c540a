using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;

namespace Serverless.Core.Tests.Networks;

/// <summary>The forward pass of a network for one sample, straight from the layers' definitions, in double precision: slow and plain, to compare everything else with.</summary>
internal sealed class ReferenceForward(Network network, float[] trainable, float[] buffers)
{
    public double[] Run(double[] sample) => Run(network.Layers, sample);

    private double[] Run(IReadOnlyList<LayerNode> layers, double[] x) => layers.Aggregate(x, (value, layer) => Run(layer, value));

    private double[] Run(LayerNode node, double[] x) => node.Spec switch
    {
        LinearSpec => Linear(node, x),
        Conv2dSpec convolution => Convolve(node, convolution, x),
        MaxPool2dSpec pool => Pool(node, pool, x, window => window.Where(value => value is not null).Max()!.Value),
        AvgPool2dSpec pool => Pool(node, pool, x, window => window.Sum(value => value ?? 0) / (pool.Kernel.Height * pool.Kernel.Width)),
        GlobalAvgPoolSpec => [.. x.Chunk(node.Input[1] * node.Input[2]).Select(channel => channel.Average())],
        ReluSpec => Map(x, value => Math.Max(value, 0)),
        GeluSpec => Map(x, value => value * NormalDistribution(value)),
        TanhSpec => Map(x, Math.Tanh),
        SigmoidSpec => Map(x, value => 1 / (1 + Math.Exp(-value))),
        DropoutSpec or FlattenSpec => x,
        BatchNorm2dSpec norm => BatchNorm(node, norm, x),
        LayerNormSpec norm => LayerNorm(node, norm, x),
        ResidualSpec => [.. Run(node.Children, x).Zip(x, (inner, outer) => inner + outer)],
        _ => throw new NotSupportedException(node.Spec.Type),
    };

    private float[] Values(LayerNode node, string name) =>
        node.Parameter(name) is { } slot ? slot.Of((slot.Region == ParameterRegion.Trainable ? trainable : buffers).AsSpan()).ToArray() : new float[node.Output[0]];

    private double[] Linear(LayerNode node, double[] x)
    {
        float[] weight = Values(node, "weight"), bias = Values(node, "bias");
        return [.. Enumerable.Range(0, node.Output[0]).Select(unit => bias[unit] + x.Select((value, feature) => value * weight[(unit * x.Length) + feature]).Sum())];
    }

    private double[] Convolve(LayerNode node, Conv2dSpec convolution, double[] x)
    {
        float[] weight = Values(node, "weight"), bias = Values(node, "bias");
        var (kernelHeight, kernelWidth) = convolution.Kernel;
        int channels = node.Input[0] / convolution.Groups, filtersPerGroup = convolution.Filters / convolution.Groups;
        return ForEachOutput(node, (filter, row, column) =>
        {
            double sum = bias[filter];
            for (int channel = 0; channel < channels; channel++)
            {
                for (int i = 0; i < kernelHeight; i++)
                {
                    for (int j = 0; j < kernelWidth; j++)
                    {
                        double? value = Pixel(
                            node,
                            x,
                            (filter / filtersPerGroup * channels) + channel,
                            (row * convolution.Stride.Height) + i - convolution.Padding.Height,
                            (column * convolution.Stride.Width) + j - convolution.Padding.Width);
                        sum += (value ?? 0) * weight[(((((filter * channels) + channel) * kernelHeight) + i) * kernelWidth) + j];
                    }
                }
            }

            return sum;
        });
    }

    private static double[] Pool(LayerNode node, Pool2dSpec pool, double[] x, Func<IEnumerable<double?>, double> reduce) =>
        ForEachOutput(node, (channel, row, column) => reduce(
            from i in Enumerable.Range(0, pool.Kernel.Height)
            from j in Enumerable.Range(0, pool.Kernel.Width)
            select Pixel(node, x, channel, (row * pool.Stride.Height) + i - pool.Padding.Height, (column * pool.Stride.Width) + j - pool.Padding.Width)));

    private double[] BatchNorm(LayerNode node, BatchNorm2dSpec norm, double[] x)
    {
        float[] weight = Values(node, "weight"), bias = Values(node, "bias"), mean = Values(node, "running_mean"), variance = Values(node, "running_var");
        int pixels = node.Input[1] * node.Input[2];
        return [.. x.Select((value, i) => (((value - mean[i / pixels]) / Math.Sqrt(variance[i / pixels] + norm.Epsilon)) * weight[i / pixels]) + bias[i / pixels])];
    }

    private double[] LayerNorm(LayerNode node, LayerNormSpec norm, double[] x)
    {
        float[] weight = Values(node, "weight"), bias = Values(node, "bias");
        return [.. x.Chunk(weight.Length).SelectMany(group =>
        {
            double mean = group.Average();
            double deviation = Math.Sqrt(group.Average(value => (value - mean) * (value - mean)) + norm.Epsilon);
            return group.Select((value, i) => ((value - mean) / deviation * weight[i]) + bias[i]);
        })];
    }

    private static double[] ForEachOutput(LayerNode node, Func<int, int, int, double> compute) =>
    [
        .. from channel in Enumerable.Range(0, node.Output[0])
           from row in Enumerable.Range(0, node.Output[1])
           from column in Enumerable.Range(0, node.Output[2])
           select compute(channel, row, column),
    ];

    // Null in the padding.
    private static double? Pixel(LayerNode node, double[] x, int channel, int row, int column) =>
        row < 0 || row >= node.Input[1] || column < 0 || column >= node.Input[2] ? null : x[(((channel * node.Input[1]) + row) * node.Input[2]) + column];

    private static double[] Map(double[] x, Func<double, double> function) => [.. x.Select(function)];

    // Φ by Simpson's rule from 0; the tails beyond ±8 are less than one part in 10¹⁵.
    private static double NormalDistribution(double x)
    {
        const int Intervals = 400;
        double end = Math.Clamp(x, -8, 8), step = end / Intervals, sum = 0;
        for (int i = 0; i <= Intervals; i++)
        {
            double t = i * step;
            sum += Math.Exp(-t * t / 2) * (i is 0 or Intervals ? 1 : i % 2 == 1 ? 4 : 2);
        }

        return 0.5 + (sum * step / 3 / Math.Sqrt(2 * Math.PI));
    }
}
