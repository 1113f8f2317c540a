using System.Net;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Tests.Protocol;

[Collection(InferenceCollection.Name)]
public sealed class BytesTests(InferenceApp app) : IAsyncLifetime
{
    private const string Model = "bytes";

    public async Task InitializeAsync()
    {
        if (await app.Store.TryGetConfigAsync(Model, 1) is null)
        {
            await app.PublishAsync(Model, TestModels.Identity(new TestTensor("x", TensorElementType.String, -1, 2)));
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("""["plain","ünï\u0063ode \ud83d\ude00"]""")]
    [InlineData("""[["",  "\\ \" \n \u0000"]]""")]
    public async Task Infer_StringsInJson_ComeBackAsTheyWere(string data)
    {
        var (status, body) = await app.InferAsync(Model, Json(data));

        Assert.Equal(200, status);
        var output = body.GetProperty("outputs")[0];
        Assert.Equal("BYTES", output.GetProperty("datatype").GetString());
        using var expected = JsonDocument.Parse(data);
        var given = expected.RootElement[0].ValueKind == JsonValueKind.Array ? expected.RootElement[0] : expected.RootElement;
        Assert.Equal(given.EnumerateArray().Select(element => element.GetString()), output.GetProperty("data").EnumerateArray().Select(element => element.GetString()));
    }

    [Fact]
    public async Task Infer_AnyBytesInBinary_ComeBackAsTheyWere()
    {
        byte[] elements = [.. Element([0, 255, 128, 0]), .. Element([]), .. Element("a"u8), .. Element(Enumerable.Repeat((byte)7, 3000).ToArray())];

        using var answer = await app.InferAsync(Model, Binary(2, elements.Length, binaryOutput: true), elements);

        Assert.Equal(elements, await InferenceApp.TensorsAsync(answer));
        Assert.Equal(elements.Length, (await InferenceApp.JsonAsync(answer)).GetProperty("outputs")[0].GetProperty("parameters").GetProperty("binary_data_size").GetInt32());
    }

    [Fact]
    public async Task Infer_BytesThatAreNoText_AreRefusedInJson()
    {
        using var answer = await app.InferAsync(Model, Binary(1, 10, binaryOutput: false), [.. Element([255, 255]), .. Element([])]);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("'x_out' has elements that are not UTF-8 text", (await InferenceApp.JsonAsync(answer)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""["a",1]""", "element 1 is 1; BYTES takes strings")]
    [InlineData("""["a",null]""", "element 1 is null; BYTES takes strings")]
    [InlineData("""["a"]""", "needs 2 elements, data has only 1")]
    [InlineData("""["a","b","c"]""", "needs 2 elements, data has more than 2")]
    [InlineData("""["a","\ud800"]""", "not valid UTF-8")]
    [InlineData("\"ab\"", "data must be an array, given 'ab'")]
    public async Task Infer_WrongStrings_Are400WithTheReason(string data, string reason)
    {
        var (status, body) = await app.InferAsync(Model, Json(data));

        Assert.Equal(400, status);
        Assert.Contains(reason, body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 9, 0, 0, 0, 1, 2, 3, 4 }, "element 0 states a length of 9 bytes, 4 are left")]
    [InlineData(new byte[] { 255, 255, 255, 255, 1, 2, 3, 4 }, "element 0 states a length of 4294967295 bytes, 4 are left")]
    [InlineData(new byte[] { 4, 0, 0, 0, 1, 2, 3, 4 }, "the bytes end before element 1 of 2")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 5 }, "1 bytes are left after its 2 elements")]
    [InlineData(new byte[] { 0, 0, 0, 0 }, "2 elements of BYTES take 8 to 4194304 bytes, binary_data_size says 4")]
    public async Task Infer_LengthsThatLie_Are400WithTheReason(byte[] tensor, string reason)
    {
        using var answer = await app.InferAsync(Model, Binary(1, tensor.Length, binaryOutput: true), tensor);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, (await InferenceApp.JsonAsync(answer)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_RawElement_IsTheWholeBody()
    {
        await app.PublishAsync("bytes-raw", TestModels.Identity(new TestTensor("x", TensorElementType.String, 1)));

        using var answer = await app.PostAsync("bytes-raw", "the body"u8.ToArray(), "0");

        Assert.Equal(Element("the body"u8), await InferenceApp.TensorsAsync(answer));
    }

    private static byte[] Element(ReadOnlySpan<byte> bytes)
    {
        var element = new byte[BytesTensor.PrefixBytes + bytes.Length];
        BytesTensor.Write(element, bytes);
        return element;
    }

    private static string Json(string data) => $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","data":{{data}}}]}""";

    private static string Binary(int rows, int bytes, bool binaryOutput) => $$$"""
        {"parameters":{"binary_data_output":{{{(binaryOutput ? "true" : "false")}}}},
         "inputs":[{"name":"x","shape":[{{{rows}}},2],"datatype":"BYTES","parameters":{"binary_data_size":{{{bytes}}}}}]}
        """;
}
