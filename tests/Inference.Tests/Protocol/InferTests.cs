using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Tests.Protocol;

[Collection(InferenceCollection.Name)]
public sealed class InferTests(InferenceApp app)
{
    private static readonly byte[] Pair = TestModels.Identity(
        new TestTensor("a", TensorElementType.Float, -1, 2), new TestTensor("b", TensorElementType.UInt8, -1, 3));

    [Fact]
    public async Task Infer_FlatJson_GivesOutputsWithNameShapeAndId()
    {
        await app.PublishAsync("infer-flat", Pair);

        var (status, body) = await app.InferAsync("infer-flat", """
            {"id": "r 1", "inputs": [
              {"name": "b", "shape": [1, 3], "datatype": "UINT8", "data": [1, 2, 255]},
              {"name": "a", "shape": [2, 2], "datatype": "FP32", "data": [1.5, -2, 3e-3, 0]}]}
            """);

        Assert.Equal(200, status);
        Assert.Equal("infer-flat", body.GetProperty("model_name").GetString());
        Assert.Equal("1", body.GetProperty("model_version").GetString());
        Assert.Equal("r 1", body.GetProperty("id").GetString());
        var outputs = body.GetProperty("outputs");
        Assert.Equal("""{"name":"a_out","datatype":"FP32","shape":[2,2],"data":[1.5,-2,0.003,0]}""", outputs[0].GetRawText());
        Assert.Equal("""{"name":"b_out","datatype":"UINT8","shape":[1,3],"data":[1,2,255]}""", outputs[1].GetRawText());
    }

    [Fact]
    public async Task Infer_NestedJsonWithDataBeforeItsDescription_IsReadAllTheSame()
    {
        await app.PublishAsync("infer-nested", Pair);

        var (status, body) = await app.InferAsync("infer-nested", """
            {"parameters": null, "unknown": {"deep": [1, {"x": 2}]}, "outputs": [{"name": "a_out"}], "inputs": [
              {"data": [[1, 2], [3, 4]], "datatype": "FP32", "shape": [2, 2], "name": "a"},
              {"datatype": "UINT8", "name": "b", "data": [[7, 8, 9]], "shape": [1, 3]}]}
            """);

        Assert.Equal(200, status);
        Assert.Equal(1, body.GetProperty("outputs").GetArrayLength());
        Assert.Equal("[1,2,3,4]", body.GetProperty("outputs")[0].GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Infer_BinaryInputsAndOutputs_TravelUnchanged()
    {
        await app.PublishAsync("infer-binary", Pair);
        float[] a = [1.25f, float.NaN, float.NegativeInfinity, -0f];
        byte[] b = [0, 128, 255];
        var json = """
            {"parameters": {"binary_data_output": true}, "inputs": [
              {"name": "a", "shape": [2, 2], "datatype": "FP32", "parameters": {"binary_data_size": 16}},
              {"name": "b", "shape": [1, 3], "datatype": "UINT8", "parameters": {"binary_data_size": 3}}]}
            """;

        byte[] tensors = [.. MemoryMarshal.AsBytes<float>(a), .. b];

        using var answer = await app.InferAsync("infer-binary", json, tensors);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(tensors, await InferenceApp.TensorsAsync(answer));
        var outputs = (await InferenceApp.JsonAsync(answer)).GetProperty("outputs");
        Assert.Equal("""{"name":"a_out","datatype":"FP32","shape":[2,2],"parameters":{"binary_data_size":16}}""", outputs[0].GetRawText());
    }

    [Fact]
    public async Task Infer_OneOutputBinaryAndOneNot_OverridesTheRequestsDefault()
    {
        await app.PublishAsync("infer-mixed", Pair);
        var json = """
            {"parameters": {"binary_data_output": true}, "outputs": [{"name": "b_out"}, {"name": "a_out", "parameters": {"binary_data": false}}], "inputs": [
              {"name": "a", "shape": [1, 2], "datatype": "FP32", "data": [5, 6]},
              {"name": "b", "shape": [1, 3], "datatype": "UINT8", "parameters": {"binary_data_size": 3}}]}
            """;

        using var answer = await app.InferAsync("infer-mixed", json, [4, 5, 6]);

        Assert.Equal([4, 5, 6], await InferenceApp.TensorsAsync(answer));
        Assert.Equal("[5,6]", (await InferenceApp.JsonAsync(answer)).GetProperty("outputs")[1].GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Infer_BodyInTinyPieces_IsPutTogether()
    {
        await app.PublishAsync("infer-pieces", Pair);
        var json = Encoding.UTF8.GetBytes("""
            {"inputs": [{"name": "a", "shape": [1, 2], "datatype": "FP32", "parameters": {"binary_data_size": 8}},
                        {"name": "b", "shape": [1, 3], "datatype": "UINT8", "parameters": {"binary_data_size": 3}}]}
            """);
        using var content = new StreamContent(new TrickleStream([.. json, .. MemoryMarshal.AsBytes<float>([1f, 2f]), 9, 8, 7]));
        content.Headers.TryAddWithoutValidation(ProtocolHeaders.JsonLength, json.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));

        using var answer = await app.Client.PostAsync(new Uri("v2/models/infer-pieces/infer", UriKind.Relative), content);

        Assert.Equal("[9,8,7]", (await InferenceApp.JsonAsync(answer)).GetProperty("outputs")[1].GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData(TensorElementType.Bool, "BOOL", "[true,false]", new byte[] { 1, 0 })]
    [InlineData(TensorElementType.UInt8, "UINT8", "[0,255]", new byte[] { 0, 255 })]
    [InlineData(TensorElementType.Int8, "INT8", "[-128,127]", new byte[] { 128, 127 })]
    [InlineData(TensorElementType.UInt16, "UINT16", "[0,65535]", new byte[] { 0, 0, 255, 255 })]
    [InlineData(TensorElementType.Int16, "INT16", "[-32768,32767]", new byte[] { 0, 128, 255, 127 })]
    [InlineData(TensorElementType.UInt32, "UINT32", "[1,4294967295]", new byte[] { 1, 0, 0, 0, 255, 255, 255, 255 })]
    [InlineData(TensorElementType.Int32, "INT32", "[-2147483648,2147483647]", new byte[] { 0, 0, 0, 128, 255, 255, 255, 127 })]
    [InlineData(TensorElementType.UInt64, "UINT64", "[1,18446744073709551615]", new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255 })]
    [InlineData(TensorElementType.Int64, "INT64", "[-9223372036854775808,1]", new byte[] { 0, 0, 0, 0, 0, 0, 0, 128, 1, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(TensorElementType.Float, "FP32", "[1,-0.5]", new byte[] { 0, 0, 128, 63, 0, 0, 0, 191 })]
    [InlineData(TensorElementType.Double, "FP64", "[1,-0.5]", new byte[] { 0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 0, 224, 191 })]
    public async Task Infer_EveryDatatype_IsTheSameInJsonAndBinary(TensorElementType type, string datatype, string elements, byte[] bytes)
    {
        var model = $"infer-{datatype.ToLowerInvariant()}";
        await app.PublishAsync(model, TestModels.Identity(new TestTensor("x", type, 2)));

        var request = $$$"""{"inputs":[{"name":"x","shape":[2],"datatype":"{{{datatype}}}","data":{{{elements}}}}],"outputs":[{"name":"x_out","parameters":{"binary_data":true}}]}""";
        using var binary = await app.PostAsync(model, Encoding.UTF8.GetBytes(request), null);
        using var json = await app.InferAsync(
            model, $$$"""{"inputs":[{"name":"x","shape":[2],"datatype":"{{{datatype}}}","parameters":{"binary_data_size":{{{bytes.Length}}}}}]}""", bytes);

        Assert.Equal(bytes, await InferenceApp.TensorsAsync(binary));
        Assert.Equal(elements, (await InferenceApp.JsonAsync(json)).GetProperty("outputs")[0].GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData(TensorElementType.Float16, "FP16")]
    [InlineData(TensorElementType.BFloat16, "BF16")]
    public async Task Infer_HalfPrecision_TravelsOnlyAsBinary(TensorElementType type, string datatype)
    {
        var model = $"infer-{datatype.ToLowerInvariant()}";
        await app.PublishAsync(model, TestModels.Identity(new TestTensor("x", type, 2)));
        var binary = $$$"""{"inputs":[{"name":"x","shape":[2],"datatype":"{{{datatype}}}","parameters":{"binary_data_size":4}}],"parameters":{"binary_data_output":true}}""";

        using var answer = await app.InferAsync(model, binary, [0, 60, 128, 63]);
        using var asJson = await app.InferAsync(model, binary.Replace("true", "false", StringComparison.Ordinal), [0, 60, 128, 63]);
        var (fromJson, _) = await app.InferAsync(model, $$"""{"inputs":[{"name":"x","shape":[2],"datatype":"{{datatype}}","data":[1,2]}]}""");

        Assert.Equal([0, 60, 128, 63], await InferenceApp.TensorsAsync(answer));
        Assert.Equal(HttpStatusCode.BadRequest, asJson.StatusCode);
        Assert.Equal(400, fromJson);
    }

    [Fact]
    public async Task Infer_ScalarInput_HasNoDimensions()
    {
        await app.PublishAsync("infer-scalar", TestModels.Identity(new TestTensor("x", TensorElementType.Float)));

        var (status, body) = await app.InferAsync("infer-scalar", """{"inputs":[{"name":"x","shape":[],"datatype":"FP32","data":[42]}]}""");

        Assert.Equal(200, status);
        Assert.Equal("""{"name":"x_out","datatype":"FP32","shape":[],"data":[42]}""", body.GetProperty("outputs")[0].GetRawText());
    }

    [Fact]
    public async Task Infer_TensorsWithoutElements_AreTensorsLikeOthers()
    {
        await app.PublishAsync("infer-empty", TestModels.Concatenation());

        var (_, half) = await app.InferAsync("infer-empty", """
            {"inputs":[{"name":"a","shape":[0,2],"datatype":"FP32","data":[]},{"name":"b","shape":[1,2],"datatype":"FP32","data":[[1,2]]}]}
            """);
        using var none = await app.InferAsync(
            "infer-empty",
            """
            {"parameters":{"binary_data_output":true},"inputs":[{"name":"a","shape":[0,2],"datatype":"FP32","parameters":{"binary_data_size":0}},
             {"name":"b","shape":[0,2],"datatype":"FP32","parameters":{"binary_data_size":0}}]}
            """,
            []);

        Assert.Equal("""{"name":"rows","datatype":"FP32","shape":[1,2],"data":[1,2]}""", half.GetProperty("outputs")[0].GetRawText());
        Assert.Empty(await InferenceApp.TensorsAsync(none));
        Assert.Equal("""{"name":"rows","datatype":"FP32","shape":[0,2],"parameters":{"binary_data_size":0}}""", (await InferenceApp.JsonAsync(none)).GetProperty("outputs")[0].GetRawText());
    }

    [Fact]
    public async Task Infer_OutputsThatAreNoNumbers_AreRefusedInJsonAndGivenInBinary()
    {
        await app.PublishAsync("infer-nan", TestModels.Logarithm());

        var (status, body) = await app.InferAsync("infer-nan", """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[-1]}]}""");
        using var binary = await app.PostAsync(
            "infer-nan", """{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[-1]}]}"""u8.ToArray(), null);

        Assert.Equal(400, status);
        Assert.Contains("'log' has NaN", body.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.True(float.IsNaN(MemoryMarshal.Read<float>(await InferenceApp.TensorsAsync(binary))));
    }

    [Fact]
    public async Task Infer_SizesThatOnlyTheGraphRelates_Are400WithTheEnginesReason()
    {
        await app.PublishAsync("infer-sum", TestModels.Sum(new TestTensor("l", TensorElementType.Float, -1), new TestTensor("r", TensorElementType.Float, -1)));

        var (status, body) = await app.InferAsync("infer-sum", """
            {"inputs":[{"name":"l","shape":[2],"datatype":"FP32","data":[1,2]},{"name":"r","shape":[3],"datatype":"FP32","data":[1,2,3]}]}
            """);

        Assert.Equal(400, status);
        Assert.StartsWith("The model cannot run on these inputs", body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_ManyAtOnce_EachGetsItsOwnAnswer()
    {
        await app.PublishAsync("infer-many", TestModels.Identity(new TestTensor("x", TensorElementType.Int32, -1)));

        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
        {
            var data = JsonSerializer.Serialize(Enumerable.Repeat(i, 1 + (i % 7)));
            var (status, body) = await app.InferAsync("infer-many", $$"""{"inputs":[{"name":"x","shape":[{{1 + (i % 7)}}],"datatype":"INT32","data":{{data}}}]}""");
            Assert.Equal(200, status);
            Assert.Equal(data, body.GetProperty("outputs")[0].GetProperty("data").GetRawText());
        });
    }
}
