using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Onnx;

namespace Serverless.Cli.Tests.Commands;

public sealed class OptimizeTests : IDisposable
{
    private const int Width = 1024;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Optimize_ModelAndRows_WritesTheFastestFormAndTellsWhy()
    {
        WriteModel();
        Write("rows.json", JsonSerializer.Serialize(Enumerable.Range(0, 40).Select(row => Enumerable.Range(0, Width).Select(i => (row * 7 * i % 13) - 6))));
        Write("labels.csv", string.Concat(Enumerable.Range(0, 40).Select(row => $"{row % 3}\n")));

        var result = await ToolProcess.RunAsync(
            _folder.Path, "optimize", "model.onnx", "--data", "rows.json", "--labels", "labels.csv", "--forms", "int8MinMax,float16", "--max-accuracy-loss", "100", "--json");

        Assert.True(result.ExitCode == ExitCode.Ok, result.Error);
        Assert.Equal("model.int8MinMax.onnx", result.Json.GetProperty("output").GetString());
        var report = result.Json.GetProperty("report");
        Assert.Equal(("int8MinMax", "accuracy", 30, 10), (
            report.GetProperty("chosen").GetString(), report.GetProperty("measure").GetString(), report.GetProperty("rows").GetInt32(), report.GetProperty("calibrationRows").GetInt32()));
        Assert.Equal(
            ["original passed", "int8MinMax chosen", "float16 refused"],
            report.GetProperty("candidates").EnumerateArray().Select(candidate => $"{candidate.GetProperty("form").GetString()} {candidate.GetProperty("outcome").GetString()}"));
        using var session = new InferenceSession(Path.Combine(_folder.Path, "model.int8MinMax.onnx"));
        Assert.Equal([OnnxExporter.InputName], session.InputNames);
    }

    [Fact]
    public async Task Optimize_ThingsThatDoNotFit_AreAllNamed()
    {
        WriteModel();

        var result = await ToolProcess.RunAsync(_folder.Path, "optimize", "model.onnx", "--labels", "labels.csv", "--forms", "int8minmax", "--max-accuracy-loss", "-1");

        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("data: is missing", result.Error, StringComparison.Ordinal);
        Assert.Contains("labels: is given without --data", result.Error, StringComparison.Ordinal);
        Assert.Contains("forms: has \"int8minmax\"; legal graph, float16, int8Dynamic", result.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean \"int8MinMax\"", result.Error, StringComparison.Ordinal);
        Assert.Contains("max-accuracy-loss: is -1; legal [0, 100]", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.onnx", "'missing.onnx' does not exist")]
    [InlineData("text.onnx", "'text.onnx' is no ONNX model")]
    public async Task Optimize_NoModel_SaysSo(string model, string error)
    {
        Write("text.onnx", "no model");

        var result = await ToolProcess.RunAsync(_folder.Path, "optimize", model, "--data", "rows.json");

        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder.Path, file), text);

    private void WriteModel()
    {
        var spec = NetworkSpec.Parse(string.Create(
            CultureInfo.InvariantCulture, $$"""{"layers": [{"type": "linear", "units": {{Width}}}, {"type": "relu"}, {"type": "linear", "units": {{Width}}}, {"type": "relu"}, {"type": "linear"}]}"""));
        var network = Network.Compile(spec, [Width], outputs: 3);
        var random = new Random(5);
        float[] parameters = [.. Enumerable.Range(0, network.Layout.TrainableLength).Select(_ => (random.NextSingle() - 0.5f) / 16)];
        FeatureSpec features = new() { Type = FeatureType.Float32, Shape = [Width] };
        LabelSpec label = new() { Kind = LabelKind.Class, Classes = ["a", "b", "c"] };
        var manifest = new DatasetManifest
        {
            Name = "rows",
            Split = DatasetSplits.Train,
            Rows = 0,
            RowBytes = features.Bytes + label.Bytes,
            Features = features,
            Label = label,
            Scaling = new ScalingSpec { Offset = [0], Scale = [1] },
            PartRows = 1,
            Parts = [],
        };
        File.WriteAllBytes(Path.Combine(_folder.Path, "model.onnx"), OnnxExporter.Export(network, parameters, default, manifest, LossKind.CrossEntropy).ToByteArray());
    }
}
