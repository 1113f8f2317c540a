using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core.Models;
using Serverless.Core.Networks.Onnx;

namespace Serverless.Inference.Tests.Models;

/// <summary>Models that somebody put into the store.</summary>
[Collection(InferenceCollection.Name)]
public sealed class PlacedModelTests(InferenceApp app)
{
    private const string Request = """{"inputs":[{"name":"x","shape":[2],"datatype":"INT32","data":[1,2]}]}""";

    private static readonly byte[] Model = TestModels.Identity(new TestTensor("x", TensorElementType.Int32, 2));

    [Theory]
    [InlineData("Placed_Model.v1")]
    [InlineData("placed-alone")]
    public async Task Infer_OnnxFileAndNothingElse_IsServedUnderItsOwnNames(string name)
    {
        await app.PutAsync(ModelBlobs.Onnx(name, 7), Model);
        await app.Repository.RefreshAsync(CancellationToken.None);

        var (status, body) = await app.InferAsync(name, Request);

        Assert.Equal(200, status);
        Assert.Equal("7", body.GetProperty("model_version").GetString());
        Assert.Equal("[1,2]", body.GetProperty("outputs")[0].GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Infer_ConfigOfAnotherKindBeside_IsNotMistakenForOurs()
    {
        await app.PutAsync(ModelBlobs.Config("placed-config", 1), """{"architectures":["Bert"],"hidden_size":768}"""u8.ToArray());
        await app.PutAsync(ModelBlobs.Onnx("placed-config", 1), Model);
        await app.Repository.RefreshAsync(CancellationToken.None);

        Assert.Equal(200, (await app.InferAsync("placed-config", Request)).Status);
    }

    [Fact]
    public async Task Refresh_ModelWrittenAnew_ServesTheNewContentUnderTheSameNumber()
    {
        await app.PutAsync(ModelBlobs.Onnx("placed-anew", 1), Model);
        await app.Repository.RefreshAsync(CancellationToken.None);
        await app.PutAsync(ModelBlobs.Onnx("placed-anew", 1), TestModels.Identity(new TestTensor("y", TensorElementType.Int64, 1)));
        await app.Repository.RefreshAsync(CancellationToken.None);

        var (_, body) = await app.InferAsync("placed-anew", """{"inputs":[{"name":"y","shape":[1],"datatype":"INT64","data":[5]}]}""");

        Assert.Equal("[5]", body.GetProperty("outputs")[0].GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Infer_ExternalData_IsReadFromTheFileBeside()
    {
        float[] weights = [.. Enumerable.Range(0, 1000).Select(i => i * 0.5f)];
        await app.PutAsync(ModelBlobs.Onnx("placed-external", 1), AddsExternal("weights/part.data", weights.Length));
        await app.Repository.RefreshAsync(CancellationToken.None);
        var (early, refusal) = await app.InferAsync("placed-external", Zeros(weights.Length));

        await app.PutAsync(ModelBlobs.VersionFile("placed-external", 1, "weights/part.data"), MemoryMarshal.AsBytes<float>(weights).ToArray());
        await app.Repository.RefreshAsync(CancellationToken.None);
        var (status, body) = await app.InferAsync("placed-external", Zeros(weights.Length));

        Assert.Equal(503, early);
        Assert.Contains("'weights/part.data', which is not there yet", refusal.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(200, status);
        Assert.Equal(weights, body.GetProperty("outputs")[0].GetProperty("data").Deserialize<float[]>());
    }

    [Theory]
    [InlineData("placed-escape-a", "../../../../etc/passwd")]
    [InlineData("placed-escape-b", "/etc/passwd")]
    [InlineData("placed-escape-c", "weights/../../x")]
    [InlineData("placed-escape-d", "")]
    public async Task Refresh_ExternalDataElsewhere_IsRefused(string name, string location)
    {
        await app.PutAsync(ModelBlobs.Onnx(name, 1), AddsExternal(location, 4));
        await app.Repository.RefreshAsync(CancellationToken.None);

        var (status, body) = await app.InferAsync(name, Zeros(4));

        Assert.Equal(503, status);
        Assert.Contains($"the file '{location}'; only files beside it", body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh_FileDamagedOnDisk_IsDownloadedAnew()
    {
        await app.PutAsync(ModelBlobs.Onnx("placed-cache", 1), Model);
        await app.Repository.RefreshAsync(CancellationToken.None);
        var cached = Assert.Single(Directory.EnumerateFiles(app.Cache, "model.onnx", SearchOption.AllDirectories), file => File.GetLastWriteTimeUtc(file) >= Newest());
        var bytes = await File.ReadAllBytesAsync(cached);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(cached, bytes);

        // A load with a configuration of its own loads the same version again.
        var (status, _) = await app.PostAsync("v2/repository/models/placed-cache/load", """{"parameters":{"config":"{}"}}""");

        Assert.Equal(200, status);
        Assert.Equal(Model, await File.ReadAllBytesAsync(cached));
    }

    private DateTime Newest() => Directory.EnumerateFiles(app.Cache, "model.onnx", SearchOption.AllDirectories).Max(File.GetLastWriteTimeUtc);

    private static string Zeros(int count) => $$"""{"inputs":[{"name":"x","shape":[{{count}}],"datatype":"FP32","data":[{{string.Join(',', Enumerable.Repeat(0, count))}}]}]}""";

    // An initializer whose bytes are elsewhere: data_location 1 and external_data, which our own subset of the format does not have.
    private static byte[] AddsExternal(string location, int count)
    {
        var model = ModelProto.Parser.ParseFrom(TestModels.Sum(new TestTensor("x", TensorElementType.Float, count), new TestTensor("w", TensorElementType.Float, count)));
        model.Graph.Input.RemoveAt(1);
        var entry = new StringStringEntryProto { Key = "location", Value = location }.ToByteString();
        var tensor = new MemoryStream();
        using (var output = new CodedOutputStream(tensor, leaveOpen: true))
        {
            new TensorProto { Name = "w", DataType = (int)TensorElementType.Float, Dims = { count } }.WriteTo(output);
            output.WriteTag(13, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(entry);
            output.WriteTag(14, WireFormat.WireType.Varint);
            output.WriteInt32(1);
        }

        model.Graph.Initializer.Add(TensorProto.Parser.ParseFrom(tensor.ToArray()));
        return model.ToByteArray();
    }
}
