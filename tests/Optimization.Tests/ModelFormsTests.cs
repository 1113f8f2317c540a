using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Datasets;
using Serverless.Core.Models;
using Serverless.Core.Networks;
using Serverless.Core.Tests.Networks;
using Serverless.Optimization.Graphs;
using Serverless.Optimization.Sessions;

namespace Serverless.Optimization.Tests;

public sealed class ModelFormsTests
{
    private const string Convolutional = """
        {"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1}, {"type": "relu"}, {"type": "maxPool2d", "kernel": 2},
        {"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1}, {"type": "relu"}, {"type": "maxPool2d", "kernel": 2},
        {"type": "flatten"}, {"type": "linear", "units": 16}, {"type": "relu"}, {"type": "linear"}
        """;

    // How far rounding carries depends on the network: normalisation makes small differences large. That it is little for networks in use is the next test's matter.
    [Theory]
    [MemberData(nameof(Forms))]
    public void Make_AnyNetwork_RunsOrSaysThatThereIsNothingToChange(ModelForm form) =>
        Prop.ForAll(RandomNetworks.Cases, Arb.From(Gen.Elements(FeatureType.UInt8, FeatureType.Float32)), (NetworkCase network, FeatureType type) =>
        {
            var onnx = SampleModels.Export(network, type);
            var rows = SampleModels.Rows(network, type, 8);
            try
            {
                using ModelSession before = new(onnx), after = new(new ModelForms(onnx, rows, CancellationToken.None).Make(form).Onnx);
                var given = after.Run(rows);
                Assert.Equal(before.Run(rows).Length, given.Length);
                Assert.All(given, value => Assert.True(float.IsFinite(value)));
            }
            catch (InvalidDataException none)
            {
                Assert.Equal("the model has no layer that this form is for", none.Message);
            }
        }).Check(RandomNetworks.Tests(25));

    public static IEnumerable<object[]> PresetsAndForms =>
        NetworkPreset.All.SelectMany(_ => Enum.GetValues<ModelForm>(), (preset, form) => new object[] { preset.Name, form });

    [Theory]
    [MemberData(nameof(PresetsAndForms))]
    public void Make_Preset_GivesNearlyTheSame(string preset, ModelForm form)
    {
        var network = new NetworkCase(NetworkPreset.ByName[preset].Network, [3, 12, 12], 4);
        var onnx = SampleModels.Export(network, FeatureType.UInt8);
        var rows = SampleModels.Rows(network, FeatureType.UInt8, 16);

        var (made, _) = new ModelForms(onnx, rows, CancellationToken.None).Make(form);

        Assert.InRange(Difference(onnx, made, rows), 0, form == ModelForm.Int4Blocks ? 0.5 : 0.2);
    }

    [Fact]
    public void Make_CalibratedConvolutions_ComputeInWholeNumbersFromTheFirstByteOn()
    {
        var network = Network(Convolutional, [3, 12, 12]);

        var operations = Operations(network, FeatureType.UInt8, ModelForm.Int8MinMax);

        // The last layer gives floats; pixels are taken as the bytes they are.
        Assert.Equal(["QLinearConv", "MaxPool", "QLinearConv", "MaxPool", "Flatten", "QGemm", "QGemm", "Softmax"], Known(operations));
    }

    [Fact]
    public void Make_CalibratedPerceptron_RoundsItsInputOnce()
    {
        var network = Network("""{"type": "linear", "units": 32}, {"type": "relu"}, {"type": "linear", "units": 32}, {"type": "relu"}, {"type": "linear"}""", [16]);

        Assert.Equal(["QuantizeLinear", "QGemm", "QGemm", "QGemm", "Softmax"], Known(Operations(network, FeatureType.Float32, ModelForm.Int8Entropy)));
    }

    [Fact]
    public void Make_CalibratedResidualBlocks_AddBytes()
    {
        var network = Network("""
            {"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1}, {"type": "relu"},
            {"type": "residual", "layers": [{"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1}]}, {"type": "relu"}, {"type": "globalAvgPool"}, {"type": "flatten"}, {"type": "linear"}
            """, [3, 8, 8]);

        var operations = Operations(network, FeatureType.UInt8, ModelForm.Int8MinMax);

        Assert.Contains("QLinearAdd", operations);
        Assert.DoesNotContain("Conv", operations);
    }

    [Fact]
    public void Make_DynamicPerceptron_IsOneNodeForEachLayer()
    {
        var network = Network("""{"type": "linear", "units": 32}, {"type": "relu"}, {"type": "linear"}""", [16]);

        Assert.Equal(["DynamicQuantizeMatMul", "Relu", "DynamicQuantizeMatMul", "Softmax"], Known(Operations(network, FeatureType.Float32, ModelForm.Int8Dynamic)));
    }

    [Fact]
    public void Make_DynamicConvolution_IsAConvolutionOfWholeNumbers()
    {
        var operations = Operations(Network(Convolutional, [3, 12, 12]), FeatureType.UInt8, ModelForm.Int8Dynamic);

        Assert.Equal(2, operations.Count(operation => operation == "ConvInteger"));
        Assert.DoesNotContain("Conv", operations);
    }

    [Theory]
    [InlineData(ModelForm.Int8Dynamic)]
    [InlineData(ModelForm.Int8MinMax)]
    [InlineData(ModelForm.Int8Blocks)]
    public void Make_EightBits_TakesAboutAQuarterOfTheBytes(ModelForm form)
    {
        var network = Network("""{"type": "linear", "units": 256}, {"type": "relu"}, {"type": "linear", "units": 256}, {"type": "linear"}""", [256]);
        var onnx = SampleModels.Export(network, FeatureType.Float32);

        var (made, layers) = new ModelForms(onnx, SampleModels.Rows(network, FeatureType.Float32, 8), CancellationToken.None).Make(form);

        Assert.Equal(3, layers);
        Assert.InRange(made.Length, onnx.Length / 4, onnx.Length / 3);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Make_AnyForm_TakesAndGivesTheSameAndKeepsTheFilesProperties(ModelForm form)
    {
        var network = Network(Convolutional, [3, 12, 12]);
        var onnx = SampleModels.Export(network, FeatureType.UInt8);

        var (made, _) = new ModelForms(onnx, SampleModels.Rows(network, FeatureType.UInt8, 8), CancellationToken.None).Make(form);

        using ModelSession before = new(onnx), after = new(made);
        Assert.Equal(before.Inputs.Concat(before.Outputs).Select(Describe), after.Inputs.Concat(after.Outputs).Select(Describe));
        var model = ModelGraph.Parse(made).Model;
        Assert.Equal(ModelGraph.Parse(onnx).Model.MetadataProps, model.MetadataProps);
        Assert.Equal("Serverless", model.ProducerName);
    }

    public static TheoryData<ModelForm> Forms => [.. Enum.GetValues<ModelForm>()];

    [Fact]
    public void Make_OutputWithNeitherWeightsNorBias_StaysZero()
    {
        var network = Network("""{"type": "linear"}""", [16]);
        var graph = ModelGraph.Parse(SampleModels.Export(network, FeatureType.Float32));
        foreach (var tensor in graph.Proto.Initializer.Where(tensor => tensor.DataType == 1))
        {
            tensor.RawData = Google.Protobuf.ByteString.CopyFrom(new byte[tensor.RawData.Length]);
        }

        var rows = SampleModels.Rows(network, FeatureType.Float32, 8);
        foreach (var form in new[] { ModelForm.Int8Dynamic, ModelForm.Int8MinMax, ModelForm.Int8Blocks, ModelForm.Int4Blocks })
        {
            using var session = new ModelSession(new ModelForms(graph.ToBytes(), rows, CancellationToken.None).Make(form).Onnx);
            Assert.All(session.Run(rows), output => Assert.Equal(0, output));
        }
    }

    [Fact]
    public void Make_OldOperators_SaysWhichAreNeeded()
    {
        var graph = ModelGraph.Parse(SampleModels.Export(Network("""{"type": "linear"}""", [16]), FeatureType.Float32));
        graph.Model.OpsetImport[0].Version = 12;
        var forms = new ModelForms(graph.ToBytes(), SampleModels.Rows([16], 4), CancellationToken.None);

        var error = Assert.Throws<InvalidDataException>(() => forms.Make(ModelForm.Int8Dynamic));

        Assert.Equal("the model's operators are of version 12; 13 or more is needed", error.Message);
    }

    private static NetworkCase Network(string layers, int[] input) => new(NetworkSpec.Parse($$"""{"layers": [{{layers}}]}"""), input, 4);

    private static List<string> Operations(NetworkCase network, FeatureType type, ModelForm form)
    {
        var forms = new ModelForms(SampleModels.Export(network, type), SampleModels.Rows(network, type, 16), CancellationToken.None);
        return [.. ModelGraph.Parse(forms.Make(form).Onnx).Proto.Node.Select(node => node.OpType)];
    }

    private static IEnumerable<string> Known(IEnumerable<string> operations) => operations.Where(operation => operation is not ("Identity" or "Reshape"));

    private static string Describe(ModelTensor tensor) => $"{tensor.Name} {tensor.Datatype} [{string.Join(",", tensor.Shape)}]";

    // Of the outputs' size: the root of the mean squared difference, in parts of the root of the mean square.
    private static double Difference(byte[] onnx, byte[] made, Data.SampleRows rows)
    {
        using ModelSession before = new(onnx), after = new(made);
        var (expected, given) = (before.Run(rows), after.Run(rows));
        Assert.Equal(expected.Length, given.Length);
        var difference = expected.Zip(given, (x, y) => Math.Pow((double)x - y, 2)).Sum();
        var size = expected.Sum(x => (double)x * x);
        return Math.Sqrt(difference / Math.Max(size, 1e-12));
    }
}
