using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Serverless.Trainer.Modules;

/// <summary>Builds the forward of each layer type over views of the flat parameters. Shapes were checked when the network was compiled.</summary>
internal static class LayerForward
{
    private static readonly long[] Dense = [1, 1];
    private static readonly long[] Spatial = [2, 3];

    /// <summary>The forward of a node and everything nested in it.</summary>
    public static Layer Build(LayerNode node, FlatParameters parameters) => node.Spec switch
    {
        LinearSpec => Linear(node, parameters),
        Conv2dSpec spec => Convolution(node, spec, parameters),
        MaxPool2dSpec spec => MaxPool(spec),
        AvgPool2dSpec spec => AveragePool(spec),
        GlobalAvgPoolSpec => static (input, _) => input.mean(Spatial),
        ReluSpec => static (input, _) => input.relu(),
        GeluSpec => static (input, _) => input.gelu(),
        TanhSpec => static (input, _) => input.tanh(),
        SigmoidSpec => static (input, _) => input.sigmoid(),
        DropoutSpec spec => Dropout(spec.Probability),
        BatchNorm2dSpec spec => BatchNorm(node, spec, parameters),
        LayerNormSpec spec => LayerNorm(node, spec, parameters),
        FlattenSpec => static (input, _) => input.flatten(1),
        ResidualSpec => Residual(node, parameters),
        var other => throw new NotSupportedException($"{node.Name}: no forward for {other.GetType().Name}"),
    };

    /// <summary>The forward of a list of layers, one after another.</summary>
    public static Layer Chain(IReadOnlyList<LayerNode> nodes, FlatParameters parameters)
    {
        var layers = Ordered(nodes).Select(node => Build(node, parameters)).ToArray();
        return (input, pass) =>
        {
            var current = input;
            foreach (var layer in layers)
            {
                var next = layer(current, pass);
                if (!pass.Training && !ReferenceEquals(current, input) && !ReferenceEquals(current, next))
                {
                    // No backward pass will ask for it.
                    current.Dispose();
                }

                current = next;
            }

            return current;
        };
    }

    // relu and max pooling commute exactly (values and gradients: where the largest value is not positive nothing flows either way), and after
    // the pooling there are fewer values to go through.
    private static LayerNode[] Ordered(IReadOnlyList<LayerNode> nodes)
    {
        var ordered = nodes.ToArray();
        for (var i = 0; i + 1 < ordered.Length; i++)
        {
            if (ordered[i].Spec is ReluSpec && ordered[i + 1].Spec is MaxPool2dSpec)
            {
                (ordered[i], ordered[i + 1]) = (ordered[i + 1], ordered[i]);
            }
        }

        return ordered;
    }

    private static Layer Linear(LayerNode node, FlatParameters parameters)
    {
        var (weight, bias) = (Required(node, parameters, "weight"), Optional(node, parameters, "bias"));
        return (input, pass) => pass.BFloat16
            ? functional.linear(Half(input), Half(weight), bias is null ? null : Half(bias))
            : functional.linear(input, weight, bias);
    }

    private static Layer Convolution(LayerNode node, Conv2dSpec spec, FlatParameters parameters)
    {
        var (weight, bias) = (Required(node, parameters, "weight"), Optional(node, parameters, "bias"));
        var (stride, padding) = (Longs(spec.Stride), Longs(spec.Padding));
        return (input, pass) => pass.BFloat16
            ? functional.conv2d(Half(input), Half(weight), bias is null ? null : Half(bias), stride, padding, Dense, spec.Groups)
            : functional.conv2d(input, weight, bias, stride, padding, Dense, spec.Groups);
    }

    private static Layer MaxPool(MaxPool2dSpec spec)
    {
        var (kernel, stride, padding) = (Longs(spec.Kernel), Longs(spec.Stride), Longs(spec.Padding));
        return (input, _) => functional.max_pool2d(input, kernel, stride, padding, Dense);
    }

    private static Layer AveragePool(AvgPool2dSpec spec)
    {
        var (kernel, stride, padding) = (Longs(spec.Kernel), Longs(spec.Stride), Longs(spec.Padding));
        return (input, _) => functional.avg_pool2d(input, kernel, stride, padding);
    }

    private static Layer Dropout(double p)
    {
        Scalar keep = 1 - p;
        return (input, pass) =>
        {
            if (!pass.Training || p == 0)
            {
                return input;
            }

            using var noGrad = no_grad();
            var mask = empty_like(input).bernoulli_(1 - p, pass.Random).div_(keep);
            using var grad = enable_grad();
            return input.mul(mask);
        };
    }

    private static Layer BatchNorm(LayerNode node, BatchNorm2dSpec spec, FlatParameters parameters)
    {
        var weight = Required(node, parameters, "weight");
        var bias = Required(node, parameters, "bias");
        var mean = Required(node, parameters, "running_mean");
        var variance = Required(node, parameters, "running_var");
        return (input, pass) => functional.batch_norm(Full(input), mean, variance, weight, bias, pass.Training, spec.Momentum, spec.Epsilon);
    }

    private static Layer LayerNorm(LayerNode node, LayerNormSpec spec, FlatParameters parameters)
    {
        var weight = Required(node, parameters, "weight");
        var bias = Required(node, parameters, "bias");
        var shape = weight.shape;
        return (input, _) => functional.layer_norm(Full(input), shape, weight, bias, spec.Epsilon);
    }

    private static Layer Residual(LayerNode node, FlatParameters parameters)
    {
        var inner = Chain(node.Children, parameters);
        return (input, pass) => input.add(inner(input, pass));
    }

    private static Tensor Required(LayerNode node, FlatParameters parameters, string name) =>
        Optional(node, parameters, name) ?? throw new InvalidOperationException($"{node.Name} has no parameter {name}");

    private static Tensor? Optional(LayerNode node, FlatParameters parameters, string name) =>
        node.Parameter(name) is { } slot ? parameters[slot] : null;

    private static Tensor Half(Tensor input) => input.to(ScalarType.BFloat16);

    private static Tensor Full(Tensor input) => input.dtype == ScalarType.Float32 ? input : input.to(ScalarType.Float32);

    private static long[] Longs(Size2 size) => [size.Height, size.Width];
}
