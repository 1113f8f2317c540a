using Serverless.Core.Networks.Layers;

namespace Serverless.Core.Networks;

/// <summary>A ready-made network: a name for a list of layers, nothing more. The last linear layer leaves its size to the dataset.</summary>
/// <param name="Name">What a job writes as <c>preset</c>.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="Network">The layers.</param>
public sealed record NetworkPreset(string Name, string Summary, NetworkSpec Network)
{
    /// <summary>One linear layer: logistic regression, or linear regression with a mean squared error.</summary>
    public static NetworkPreset Logistic { get; } = new("logistic", "one linear layer", new NetworkSpec([new FlattenSpec(), new LinearSpec()]));

    /// <summary>A perceptron with hidden layers of 256 and 128.</summary>
    public static NetworkPreset Mlp { get; } = new("mlp", "perceptron, hidden layers of 256 and 128", new NetworkSpec(
    [
        new FlattenSpec(),
        new LinearSpec(256),
        new ReluSpec(),
        new LinearSpec(128),
        new ReluSpec(),
        new LinearSpec(),
    ]));

    /// <summary>Two convolutions with pooling and a hidden layer, for small images.</summary>
    public static NetworkPreset CnnSmall { get; } = new("cnn-small", "two convolutions with pooling, a hidden layer of 128; for small images", new NetworkSpec(
    [
        new Conv2dSpec(32, new Size2(3)) { Padding = new Size2(1) },
        new ReluSpec(),
        new MaxPool2dSpec(new Size2(2)),
        new Conv2dSpec(64, new Size2(3)) { Padding = new Size2(1) },
        new ReluSpec(),
        new MaxPool2dSpec(new Size2(2)),
        new FlattenSpec(),
        new LinearSpec(128),
        new ReluSpec(),
        new LinearSpec(),
    ]));

    /// <summary>A residual network with batch normalisation after He et al., "Deep Residual Learning for Image Recognition" (2015), with plain strided convolutions between its stages.</summary>
    public static NetworkPreset ResNetSmall { get; } = new("resnet-small", "three residual stages of 32, 64 and 128 filters with batch normalisation", new NetworkSpec(
    [
        .. Stage(32, stride: 1),
        .. Stage(64, stride: 2),
        .. Stage(128, stride: 2),
        new GlobalAvgPoolSpec(),
        new LinearSpec(),
    ]));

    /// <summary>All presets, smallest first.</summary>
    public static IReadOnlyList<NetworkPreset> All { get; } = [Logistic, Mlp, CnnSmall, ResNetSmall];

    /// <summary>The presets by their names.</summary>
    public static IReadOnlyDictionary<string, NetworkPreset> ByName { get; } = All.ToDictionary(preset => preset.Name);

    private static LayerSpec[] Stage(int filters, int stride) =>
    [
        Convolution(filters, stride),
        new BatchNorm2dSpec(),
        new ReluSpec(),
        new ResidualSpec([Convolution(filters), new BatchNorm2dSpec(), new ReluSpec(), Convolution(filters), new BatchNorm2dSpec()]),
        new ReluSpec(),
    ];

    // No bias: the normalisation that follows would take it out again.
    private static Conv2dSpec Convolution(int filters, int stride = 1) =>
        new(filters, new Size2(3)) { Stride = new Size2(stride), Padding = new Size2(1), Bias = false };
}
