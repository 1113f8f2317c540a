using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;
using Serverless.Core.Validation;

namespace Serverless.Core.Tests.Networks;

public sealed class NetworkTests
{
    [Fact]
    public void Compile_CnnSmall_HasTheShapesAndParametersOfTheSameNetworkInPyTorch()
    {
        Network network = Network.Compile(NetworkPreset.CnnSmall.Network, [1, 28, 28], outputs: 10);
        Assert.Equal(
            ["[32, 28, 28]", "[32, 28, 28]", "[32, 14, 14]", "[64, 14, 14]", "[64, 14, 14]", "[64, 7, 7]", "[3136]", "[128]", "[128]", "[10]"],
            network.Layers.Select(layer => Shapes.Format(layer.Output)));
        Assert.Equal(
            [
                ("layers.0.weight", "[32, 1, 3, 3]"), ("layers.0.bias", "[32]"),
                ("layers.3.weight", "[64, 32, 3, 3]"), ("layers.3.bias", "[64]"),
                ("layers.7.weight", "[128, 3136]"), ("layers.7.bias", "[128]"),
                ("layers.9.weight", "[10, 128]"), ("layers.9.bias", "[10]"),
            ],
            network.Layout.Slots.Select(slot => (slot.Name, Shapes.Format(slot.Shape))));
        Assert.Equal(421_642, network.Layout.TrainableLength);
        Assert.Equal(0, network.Layout.BufferLength);
        Assert.Equal([10], network.OutputShape);
    }

    [Fact]
    public void Compile_GreyImagesWithoutChannel_AreOneChannelForLayersThatWorkOnImages()
    {
        Network network = Network.Compile(NetworkPreset.CnnSmall.Network, [28, 28], outputs: 10);
        Assert.Equal([28, 28], network.InputShape);
        Assert.Equal([1, 28, 28], network.FirstLayerShape);
        Assert.Equal([28, 28], Network.Compile(NetworkPreset.Mlp.Network, [28, 28], outputs: 10).FirstLayerShape);
    }

    [Fact]
    public void Compile_GreyImagesBeforeResidual_ReachTheConvolutionInside()
    {
        ResidualSpec residual = new([new Conv2dSpec(1, new Size2(3)) { Padding = new Size2(1) }]);
        Network network = Network.Compile(new NetworkSpec([residual, new FlattenSpec(), new LinearSpec()]), [8, 8], outputs: 2);
        Assert.Equal([1, 8, 8], network.Layers[0].Output);
    }

    [Fact]
    public void Compile_EveryPreset_FitsSmallImages()
    {
        foreach (NetworkPreset preset in NetworkPreset.All)
        {
            Assert.Equal([7], Network.Compile(preset.Network, [3, 32, 32], outputs: 7).OutputShape);
            Assert.Equal([7], Network.Compile(preset.Network, [8, 8], outputs: 7).OutputShape);
        }
    }

    // The sizes that PyTorch's Conv2d and MaxPool2d give, ⌊(n + 2p − k) / s⌋ + 1.
    [Theory]
    [InlineData(28, 3, 1, 1, 28)]
    [InlineData(28, 3, 2, 0, 13)]
    [InlineData(7, 2, 2, 0, 3)]
    [InlineData(7, 2, 2, 1, 4)]
    [InlineData(5, 5, 3, 0, 1)]
    [InlineData(6, 4, 3, 2, 3)]
    public void Compile_Windows_FollowPyTorchsRule(int size, int kernel, int stride, int padding, int expected)
    {
        Size2 k = new(kernel, 1), s = new(stride, 1), p = new(padding, 0);
        LayerSpec[] windows =
        [
            new Conv2dSpec(2, k) { Stride = s, Padding = p }, new MaxPool2dSpec(k) { Stride = s, Padding = p }, new AvgPool2dSpec(k) { Stride = s, Padding = p },
        ];
        foreach (LayerSpec window in windows)
        {
            Network network = Network.Compile(new NetworkSpec([window, new FlattenSpec(), new LinearSpec()]), [2, size, 4], outputs: 1);
            Assert.Equal([2, expected, 4], network.Layers[0].Output);
        }
    }

    [Fact]
    public void Compile_NestedLayers_NamesModulesAndParametersLikePyTorch()
    {
        Network network = Network.Compile(NetworkPreset.ResNetSmall.Network, [3, 16, 16], outputs: 10);
        LayerNode residual = network.Layers[3];
        Assert.Equal("layers.3", residual.Name);
        Assert.Equal(["layers.3.layers.0", "layers.3.layers.1", "layers.3.layers.2", "layers.3.layers.3", "layers.3.layers.4"], residual.Children.Select(child => child.Name));
        LayerNode norm = residual.Children[1];
        Assert.Equal(
            ["layers.3.layers.1.weight", "layers.3.layers.1.bias", "layers.3.layers.1.running_mean", "layers.3.layers.1.running_var"],
            norm.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(ParameterRegion.Trainable, norm.Parameter("bias")!.Region);
        Assert.Equal(ParameterRegion.Buffer, norm.Parameter("running_var")!.Region);
        Assert.Null(norm.Parameter("eight"));
        Assert.Null(residual.Children[0].Parameter("bias"));
    }

    [Fact]
    public void Compile_KnownNetwork_CountsItsOperations()
    {
        Network network = Network.Compile(
            new NetworkSpec([new Conv2dSpec(4, new Size2(3)) { Padding = new Size2(1) }, new ReluSpec(), new FlattenSpec(), new LinearSpec(Bias: false)]), [2, 5, 5], outputs: 3);
        Assert.Equal([2 * 18 * 4 * 25, 100, 0, (200 - 1) * 3], network.Layers.Select(layer => layer.FlopsPerSample));
        Assert.Equal(3600 + 100 + 597, network.FlopsPerSample);
    }

    [Fact]
    public void Compile_LastLinearBeforeAnActivation_TakesItsSizeFromTheDataset()
    {
        Network network = Network.Compile(new NetworkSpec([new LinearSpec(), new SigmoidSpec()]), [4], outputs: 3);
        Assert.Equal(3, Assert.IsType<LinearSpec>(network.Layers[0].Spec).Units);
    }

    public static TheoryData<LayerSpec[], int[], string> Misfits => new()
    {
        { [new LinearSpec()], [1, 28, 28], "network.layers[0]: linear gets [1, 28, 28] and needs a flat input [features]; put a flatten layer before it" },
        { [new ReluSpec(), new Conv2dSpec(4, new Size2(3))], [784], "network.layers[1]: conv2d gets [784] and needs an image [channels, height, width] here" },
        { [new GlobalAvgPoolSpec(), new BatchNorm2dSpec()], [4, 9, 9], "network.layers[1]: batchNorm2d gets [4] and needs an image [channels, height, width] here" },
        {
            [new MaxPool2dSpec(new Size2(4)), new Conv2dSpec(4, new Size2(5)) { Padding = new Size2(1) }], [3, 8, 8],
            "network.layers[1]: conv2d gets [3, 2, 2] and its kernel of 5x5 does not fit into the 2x2 image with a padding of 1x1"
        },
        { [new AvgPool2dSpec(new Size2(3)) { Padding = new Size2(2) }], [3, 8, 8], "network.layers[0]: avgPool2d gets [3, 8, 8] and has a padding of 2x2; legal is at most half of its kernel of 3x3" },
        { [new Conv2dSpec(4, new Size2(3)) { Groups = 2 }], [3, 8, 8], "network.layers[0]: conv2d gets [3, 8, 8] and has 2 groups, which must divide both its 3 channels and its 4 filters" },
        {
            [new FlattenSpec(), new ResidualSpec([new LinearSpec(5)]), new LinearSpec()], [2, 3],
            "network.layers[1]: residual gets [6] and its layers give [5]; they must give the shape they take, because the input is added to it"
        },
        { [new ResidualSpec([new ReluSpec(), new LinearSpec(5), new LinearSpec(6), new FlattenSpec(), new BatchNorm2dSpec()])], [6], "network.layers[0].layers[4]: batchNorm2d gets [6] and needs an image [channels, height, width] here" },
        { [new LinearSpec(), new LinearSpec()], [4], "network.layers[0]: linear gets [4] and has no units; legal 1..1048576, and only the network's last linear layer may leave them to the dataset" },
        { [new LayerNormSpec(2), new LinearSpec()], [4], "network.layers[0]: layerNorm gets [4] and would normalise its last 2 dimensions; legal 1..1" },
        { [new LinearSpec(64), new ReluSpec()], [4], "network.layers[1]: relu ends the network with [64], but the dataset needs [10]" },
        { [new Conv2dSpec(10, new Size2(1))], [4, 2, 2], "network.layers[0]: conv2d ends the network with [10, 2, 2], but the dataset needs [10]" },
        { [], [4], "network.layers: is empty; a list of 1..1000 layers is needed" },
        { [new FlattenSpec(), new LinearSpec()], [4, 0], "network: cannot take samples of [4, 0]; legal are sizes of at least 1 and 1..268435456 elements" },
        { [new FlattenSpec(), new LinearSpec()], [int.MaxValue, int.MaxValue, int.MaxValue], "network: cannot take samples of [2147483647, 2147483647, 2147483647]; legal are sizes of at least 1 and 1..268435456 elements" },
        { [new Conv2dSpec(65536, new Size2(1)), new FlattenSpec(), new LinearSpec()], [1, 16000, 16000], "network.layers[0]: conv2d gets [1, 16000, 16000] and would give [65536, 16000, 16000], which is 16777216000000 elements a sample; legal 1..268435456" },
        { [new LinearSpec(1 << 20), new LinearSpec()], [1 << 28], "network.layers[0]: brings the network to more than 500000000 parameters with its layers.0.weight of [1048576, 268435456]; legal 0..500000000" },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void Compile_LayersThatDoNotFit_NamesTheLayerAndTheShapes(LayerSpec[] layers, int[] input, string expected)
    {
        ValidationException refusal = Assert.Throws<ValidationException>(() => Network.Compile(new NetworkSpec(layers), input, outputs: 10));
        Assert.Equal(expected, Assert.Single(refusal.Errors).ToString());
    }

    [Fact]
    public void Compile_LargestLegalLayers_CountTheirOperationsWithoutOverflow()
    {
        LayerSpec[] layers = [.. Enumerable.Repeat<LayerSpec>(new Conv2dSpec(1, new Size2(1023)) { Padding = new Size2(511) }, 300), new GlobalAvgPoolSpec(), new LinearSpec()];
        Network network = Network.Compile(new NetworkSpec(layers), [1, 16384, 16384], outputs: 1);
        Assert.Equal((300 * (2L * 1023 * 1023 * (1 << 28))) + (1 << 28) + 2, network.FlopsPerSample);
    }

    [Fact]
    public void Summary_Preset_IsATableWithALineALayer()
    {
        string summary = NetworkSummary.Write(Network.Compile(NetworkPreset.Mlp.Network, [28, 28], outputs: 10));
        Assert.Equal(
            """
            layer     type     output    parameters  MFLOP
            input              [28, 28]
            layers.0  flatten  [784]                 0.000
            layers.1  linear   [256]        200,960  0.401
            layers.2  relu     [256]                 0.000
            layers.3  linear   [128]         32,896  0.066
            layers.4  relu     [128]                 0.000
            layers.5  linear   [10]           1,290  0.003
            total                           235,146  0.470

            """.ReplaceLineEndings("\n"),
            summary);
    }
}
