using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;
using Serverless.Core.Validation;

namespace Serverless.Core.Tests.Networks;

public sealed class NetworkSpecTests
{
    [Fact]
    public void Parse_EveryKindOfLayer_GivesItsFields()
    {
        NetworkSpec network = NetworkSpec.Parse("""
            {"layers": [
              {"type": "conv2d", "filters": 8, "kernel": [3, 5], "stride": 2, "padding": [1, 2], "groups": 2, "bias": false},
              {"type": "batchNorm2d", "epsilon": 0.001, "momentum": 0.2},
              {"type": "relu"},
              {"type": "maxPool2d", "kernel": 2},
              {"type": "avgPool2d", "kernel": 3, "stride": 1, "padding": 1},
              {"type": "residual", "layers": [{"type": "gelu"}, {"type": "layerNorm"}]},
              {"type": "globalAvgPool"},
              {"type": "flatten"},
              {"type": "linear", "units": 16, "bias": false},
              {"type": "tanh"},
              {"type": "layerNorm", "epsilon": 0.1, "dimensions": 1},
              {"type": "dropout", "probability": 0.25},
              {"type": "sigmoid"},
              {"type": "linear"}
            ]}
            """);
        NetworkSpec expected = new(
        [
            new Conv2dSpec(8, new Size2(3, 5)) { Stride = new Size2(2), Padding = new Size2(1, 2), Groups = 2, Bias = false },
            new BatchNorm2dSpec(0.001, 0.2),
            new ReluSpec(),
            new MaxPool2dSpec(new Size2(2)) { Stride = new Size2(2) },
            new AvgPool2dSpec(new Size2(3)) { Stride = new Size2(1), Padding = new Size2(1) },
            new ResidualSpec([new GeluSpec(), new LayerNormSpec()]),
            new GlobalAvgPoolSpec(),
            new FlattenSpec(),
            new LinearSpec(16, Bias: false),
            new TanhSpec(),
            new LayerNormSpec(1, 0.1),
            new DropoutSpec(0.25),
            new SigmoidSpec(),
            new LinearSpec(),
        ]);
        Assert.Equal(expected, network);
    }

    [Fact]
    public void Write_AnyNetwork_ReadsBackTheSame() =>
        Prop.ForAll(RandomNetworks.Cases, (NetworkCase network) => Assert.Equal(network.Spec, NetworkSpec.Parse(network.Spec.ToString()))).Check(RandomNetworks.Tests(200));

    [Fact]
    public void Parse_Preset_GivesItsLayers()
    {
        foreach (NetworkPreset preset in NetworkPreset.All)
        {
            Assert.Equal(preset.Network, NetworkSpec.Parse($$"""{"preset": "{{preset.Name}}"}"""));
        }
    }

    [Theory]
    [InlineData("""{"layers": [{"type": "relu"}, {"type": "relu"}, {"type": "conv2d", "filters": 8, "kernel": 0}]}""", "network.layers[2].kernel: is 0; legal 1..1024")]
    [InlineData("""{"layers": [{"type": "conv2d", "filters": 8, "kernel": [3, -1]}]}""", "network.layers[0].kernel[1]: is -1; legal 1..1024")]
    [InlineData("""{"layers": [{"type": "conv2d", "filters": 8, "kernel": [3]}]}""", "network.layers[0].kernel: is an array of 1; legal are one whole number or two as [height, width]")]
    [InlineData("""{"layers": [{"type": "conv2d", "filters": 8}]}""", "network.layers[0].kernel: is missing; a whole number of 1..1024, or two as [height, width], is needed")]
    [InlineData("""{"layers": [{"type": "conv2d", "filters": 1e9, "kernel": 3}]}""", "network.layers[0].filters: is 1e9; legal 1..65536")]
    [InlineData("""{"layers": [{"type": "conv2d", "filters": 8, "kernal": 3, "kernel": 3}]}""", "network.layers[0].kernal: is not a known field; did you mean \"kernel\"?; known are type, filters, kernel, stride, padding, groups, bias")]
    [InlineData("""{"layers": [{"type": "dropout", "probability": 1}]}""", "network.layers[0].probability: is 1; legal [0, 1)")]
    [InlineData("""{"layers": [{"type": "batchNorm2d", "epsilon": 0}]}""", "network.layers[0].epsilon: is 0; legal (0, 1]")]
    [InlineData("""{"layers": [{"type": "linear", "units": 0}]}""", "network.layers[0].units: is 0; legal 1..1048576")]
    [InlineData("""{"layers": [{"type": "linear", "units": "many"}]}""", "network.layers[0].units: is \"many\"; legal 1..1048576")]
    [InlineData("""{"layers": [{"type": "residual", "layers": [{"type": "relu"}, {"type": "linear", "units": -3}]}]}""", "network.layers[0].layers[1].units: is -3; legal 1..1048576")]
    [InlineData("""{"layers": [{"type": "residual", "layers": []}]}""", "network.layers[0].layers: is an array of 0; a list of 1..1000 layers is needed")]
    [InlineData("""{"layers": []}""", "network.layers: is an array of 0; a list of 1..1000 layers is needed")]
    [InlineData("""{"layers": {}}""", "network.layers: is an object; a list of 1..1000 layers is needed")]
    [InlineData("""{}""", "network.layers: is missing; a list of layers is needed")]
    [InlineData("""[]""", "network: is an array of 0; an object is needed")]
    [InlineData("""{"layers": [3]}""", "network.layers[0]: is 3; an object is needed")]
    [InlineData("""{"preset": "cnn_small"}""", "network.preset: is \"cnn_small\"; legal logistic, mlp, cnn-small, resnet-small; did you mean \"cnn-small\"?")]
    [InlineData("""{"preset": "mlp", "layers": [{"type": "relu"}]}""", "network.preset: is given together with layers; legal is one of the two")]
    [InlineData("""{"preset": "mlp", "dropout": 0.5}""", "network.dropout: is not a known field; known are preset, layers")]
    public void Parse_WrongNetwork_NamesFieldValueAndRange(string json, string expected) => Assert.Equal([expected], ErrorsOf(json));

    [Theory]
    [InlineData("maxpool", "maxPool2d")]
    [InlineData("conv2D", "conv2d")]
    [InlineData("Linear", "linear")]
    [InlineData("batchnorm", "batchNorm2d")]
    public void Parse_UnknownType_SuggestsTheNearest(string type, string meant)
    {
        string error = Assert.Single(ErrorsOf($$"""{"layers": [{"type": "{{type}}", "units": 3}]}"""));
        Assert.StartsWith($"network.layers[0].type: is \"{type}\", which is no kind of layer; did you mean \"{meant}\"?; legal linear, conv2d", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_SeveralErrors_ReportsAllInOrder()
    {
        IReadOnlyList<string> errors = ErrorsOf("""{"layers": [{"type": "conv2d", "filters": 0, "kernel": 0, "stirde": 1}, {"units": 3}, {"type": "linear", "bias": 1}], "x": 1}""");
        Assert.Equal(
            ["network.layers[0].filters", "network.layers[0].kernel", "network.layers[0].stirde", "network.layers[1].type", "network.layers[2].bias", "network.x"],
            errors.Select(error => error.Split(": ")[0]));
    }

    [Fact]
    public void Parse_TooManyLayers_SaysSoOnce()
    {
        string relus = string.Join(',', Enumerable.Repeat("""{"type": "relu"}""", 600));
        string error = Assert.Single(ErrorsOf($$"""{"layers": [{{relus}}, {"type": "residual", "layers": [{{relus}}]}, {"type": "relu"}]}"""));
        Assert.Equal("network.layers[600].layers: brings the network to more than 1000 layers; legal 1..1000, nested ones included", error);
    }

    [Fact]
    public void Parse_NestedTooDeep_SaysWhere()
    {
        string network = """{"type": "relu"}""";
        for (int i = 0; i < 9; i++)
        {
            network = $$"""{"type": "residual", "layers": [{{network}}]}""";
        }

        string error = Assert.Single(ErrorsOf($$"""{"layers": [{{network}}]}"""));
        Assert.EndsWith("is nested 9 deep; legal 0..8", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"layers": [{"type": "relu"},]}""")]
    [InlineData("""{"layers": [], "layers": []}""")]
    public void Parse_NoJson_IsRefused(string json) => Assert.Single(ErrorsOf(json));

    private static IReadOnlyList<string> ErrorsOf(string json) =>
        [.. Assert.Throws<ValidationException>(() => NetworkSpec.Parse(json)).Errors.Select(error => error.ToString())];
}
