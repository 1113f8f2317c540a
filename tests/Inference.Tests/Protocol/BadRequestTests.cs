using System.Net;
using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Tests.Protocol;

[Collection(InferenceCollection.Name)]
public sealed class BadRequestTests(InferenceApp app) : IAsyncLifetime
{
    private const string Model = "bad-requests";
    private const string B = """{"name":"b","shape":[1],"datatype":"BOOL","data":[true]}""";

    public async Task InitializeAsync()
    {
        if (await app.Store.TryGetConfigAsync(Model, 1) is null)
        {
            await app.PublishAsync(Model, TestModels.Identity(new TestTensor("x", TensorElementType.Float, -1, 2), new TestTensor("b", TensorElementType.Bool, 1)));
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1]}""", "'x': shape [1,2] needs 2 elements, data has only 1")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2,3]}""", "'x': shape [1,2] needs 2 elements, data has more than 2")]
    [InlineData("""{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,2],[3]]}""", "dimension 1 of shape [2,2] is 2, data has an array of only 1")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[[1,2],[3,4]]}""", "dimension 0 of shape [1,2] is 1, data has an array of more than 1")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[[[1],[2]]]}""", "nests deeper than the shape [1,2]")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[[1,2],3]}""", "element 2 is not deep enough")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,"NaN"]}""", "element 1 is 'NaN'; FP32 takes finite numbers")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,1e39]}""", "element 1 is 1e39; FP32 takes finite numbers")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,null]}""", "element 1 is null")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,{"y":2}]}""", "element 1 is an object")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":"AAAA"}""", "data must be an array, given 'AAAA'")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP64","data":[1,2]}""", "expected datatype FP32, given FP64")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FLOAT","data":[1,2]}""", "is 'FLOAT'; legal are BOOL, UINT8")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":32,"data":[1,2]}""", "The datatype of input 'x' must be a string, given 32")]
    [InlineData("""{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}""", "expected shape [-1,2] (-1 is any), given [1,3]")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1,2]}""", "expected shape [-1,2] (-1 is any), given [2]")]
    [InlineData("""{"name":"x","shape":[-1,2],"datatype":"FP32","data":[1,2]}""", "Dimension 0 of the shape of input 'x' is -1")]
    [InlineData("""{"name":"x","shape":[1.5,2],"datatype":"FP32","data":[1,2]}""", "Dimension 0 of the shape of input 'x' is 1.5")]
    [InlineData("""{"name":"x","shape":[9223372036854775808,2],"datatype":"FP32","data":[1,2]}""", "Dimension 0 of the shape of input 'x' is 9223372036854775808")]
    [InlineData("""{"name":"x","shape":[4611686018427387905,2],"datatype":"FP32","data":[1,2]}""", "a tensor of shape [4611686018427387905,2] is larger than the limit of 4194304 bytes")]
    [InlineData("""{"name":"x","shape":[0,2],"datatype":"FP32","data":[1]}""", "needs 0 elements, data has more than 0")]
    [InlineData("""{"name":"x","shape":[512,2],"datatype":"FP32","data":[1,2]}""", "needs 1024 elements, and a request of")]
    [InlineData("""{"name":"x","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"datatype":"FP32","data":[1]}""", "more than 32 dimensions")]
    [InlineData("""{"name":"x","shape":2,"datatype":"FP32","data":[1,2]}""", "The shape of input 'x' must be an array, given 2")]
    [InlineData("""{"shape":[1,2],"datatype":"FP32","data":[1,2]}""", "An input has no name; the model's inputs are 'x', 'b'")]
    [InlineData("""{"name":"x","datatype":"FP32","data":[1,2]}""", "Input 'x' has no shape; expected [-1,2]")]
    [InlineData("""{"name":"x","shape":[1,2],"data":[1,2]}""", "Input 'x' has no datatype; expected FP32")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32"}""", "neither data nor binary_data_size")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2],"parameters":{"binary_data_size":8}}""", "both data and binary_data_size")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}""", "the request has no Inference-Header-Content-Length header")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":-8}}""", "binary_data_size of input 'x' is -8")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":7}}""", "takes 8 bytes, binary_data_size says 7")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","parameters":[]}""", "The parameters of input 'x' must be an object")]
    [InlineData("""{"name":"x","name":"b","shape":[1,2],"datatype":"FP32","data":[1,2]}""", "The member 'name' of input 'x' is given twice")]
    [InlineData("""{"name":"y","shape":[1,2],"datatype":"FP32","data":[1,2]}""", "The model has no input 'y'; its inputs are 'x', 'b'")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]},{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}""", "Input 'x' is given twice")]
    [InlineData("7", "Every element of inputs must be an object, given 7")]
    public Task Infer_WrongInput_Is400WithTheReason(string input, string reason) => AssertRefusedAsync($$"""{"inputs":[{{input}},{{B}}]}""", reason);

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "must be a JSON object, given an array")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{}", "Input 'x' is missing: expected FP32 of shape [-1,2]")]
    [InlineData("""{"inputs":[]}""", "Input 'x' is missing")]
    [InlineData("""{"inputs":{}}""", "inputs must be an array, given an object")]
    [InlineData("""{"inputs":[],"inputs":[]}""", "The member 'inputs' of the request is given twice")]
    [InlineData("""{"id":7,"inputs":[]}""", "id must be a string, given 7")]
    [InlineData("""{"id":"\ud800","inputs":[]}""", "not valid UTF-8")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"y"}]}""", "The model has no output 'y'; its outputs are 'x_out', 'b_out'")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"x_out"},{"name":"x_out"}]}""", "Output 'x_out' is asked for twice")]
    [InlineData("""{"inputs":[],"outputs":[{}]}""", "An output has no name")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"x_out","parameters":{"binary_data":1}}]}""", "binary_data of an output must be true or false, given 1")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"x_out","parameters":{"classification":-1}}]}""", "classification of an output must be a whole number from 0 to 2147483647, given -1")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"b_out","parameters":{"classification":1}}]}""", "Output 'b_out' is BOOL; classification needs numbers")]
    [InlineData("""{"inputs":[],"parameters":{"priority":-1}}""", "parameters.priority must be a whole number from 0 to 4294967295, given -1")]
    [InlineData("""{"inputs":[],"parameters":{"timeout":"soon"}}""", "parameters.timeout must be a whole number from 0 to 9223372036854775807, given 'soon'")]
    [InlineData("""{"inputs":[],"parameters":{"sequence_id":1.5}}""", "parameters.sequence_id must be a string or a whole number")]
    [InlineData("""{"inputs":[],"parameters":{"sequence_start":1}}""", "parameters.sequence_start must be true or false, given 1")]
    [InlineData("""{"inputs":[],"parameters":{"binary_data_output":"yes"}}""", "parameters.binary_data_output must be true or false, given 'yes'")]
    [InlineData("""{"inputs":[]} trailing""", "not valid JSON")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,NaN]}]}""", "not valid JSON")]
    public Task Infer_WrongRequest_Is400WithTheReason(string request, string reason) => AssertRefusedAsync(request, reason);

    [Theory]
    [InlineData(0)]
    [InlineData(513)]
    public async Task Infer_RowsOutsideTheModelsBatch_Is400(int rows)
    {
        await app.PublishAsync("bad-batch", TestModels.Identity(new TestTensor("x", TensorElementType.UInt8, -1, 1)));

        var (status, body) = await app.InferAsync(
            "bad-batch", $$"""{"inputs":[{"name":"x","shape":[{{rows}},1],"datatype":"UINT8","data":[{{string.Join(',', new int[rows])}}]}]}""");

        Assert.Equal(400, status);
        Assert.Contains($"the batch of {rows} is outside 1 to 512", body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public Task Infer_JsonNestedAHundredDeep_Is400() =>
        AssertRefusedAsync($$"""{"inputs":[],"x":{{new string('[', 100)}}{{new string(']', 100)}}}""", "depth");

    [Theory]
    [InlineData("abc", "is 'abc'; it must be the JSON's length")]
    [InlineData("-1", "is '-1'; it must be the JSON's length")]
    [InlineData("+2", "is '+2'; it must be the JSON's length")]
    [InlineData("99999999999", "is '99999999999'; it must be the JSON's length")]
    [InlineData("1000", "is 1000, but the body has 12 bytes")]
    [InlineData("0", "A request without JSON needs a model with one input, this one has 2")]
    [InlineData("5", "not valid JSON")]
    public async Task Infer_WrongHeader_Is400(string header, string reason)
    {
        using var answer = await app.PostAsync(Model, """{"inputs":[]}"""u8[..12].ToArray(), header);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, (await InferenceApp.JsonAsync(answer)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, "takes 9 bytes in all, the body has 8")]
    [InlineData(10, "takes 9 bytes in all, the body has 10")]
    public async Task Infer_BinaryPartOfAnotherLength_Is400(int sent, string reason)
    {
        using var answer = await app.InferAsync(Model, BinaryRequest, new byte[sent]);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, (await InferenceApp.JsonAsync(answer)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, "the body ends after 5 of the tensor's 8 bytes")]
    [InlineData(10, "The body goes on after the last tensor's bytes")]
    public async Task Infer_BinaryPartOfUnknownLength_IsCheckedAsItArrives(int sent, string reason)
    {
        var json = Encoding.UTF8.GetBytes(BinaryRequest);
        using var content = new StreamContent(new TrickleStream([.. json, .. new byte[sent]]));
        content.Headers.TryAddWithoutValidation(ProtocolHeaders.JsonLength, $"{json.Length}");

        using var answer = await app.Client.PostAsync(new Uri($"v2/models/{Model}/infer", UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, (await InferenceApp.JsonAsync(answer)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_BooleanByteOfTwo_Is400()
    {
        using var answer = await app.InferAsync(Model, BinaryRequest, [0, 0, 0, 0, 0, 0, 0, 0, 2]);

        Assert.Contains("element 0 is the byte 2; BOOL takes 0 and 1", (await InferenceApp.JsonAsync(answer)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_BodyOverTheLimit_Is413()
    {
        using var announced = await app.PostAsync(Model, new byte[(4 << 20) + 1], null);
        using var streamed = new StreamContent(new UnseekableStream(new byte[6 << 20]));
        using var chunked = await app.Client.PostAsync(new Uri($"v2/models/{Model}/infer", UriKind.Relative), streamed);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, announced.StatusCode);
        Assert.Contains("4194304 bytes", (await InferenceApp.JsonAsync(announced)).GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, chunked.StatusCode);
    }

    [Theory]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"shared_memory_region":"r"}}]}""")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"x_out","parameters":{"shared_memory_region":"r"}}]}""")]
    public async Task Infer_SharedMemory_Is501(string request)
    {
        var (status, body) = await app.InferAsync(Model, request);

        Assert.Equal(501, status);
        Assert.Contains("Shared memory is not supported", body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private static string BinaryRequest => """
        {"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"b","shape":[1],"datatype":"BOOL","parameters":{"binary_data_size":1}}]}
        """;

    private async Task AssertRefusedAsync(string request, string reason)
    {
        var (status, body) = await app.InferAsync(Model, request);

        Assert.Equal(400, status);
        Assert.Contains(reason, body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }
}
