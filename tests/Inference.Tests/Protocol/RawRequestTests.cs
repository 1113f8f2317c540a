using System.Net;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Tests.Protocol;

[Collection(InferenceCollection.Name)]
public sealed class RawRequestTests(InferenceApp app)
{
    [Theory]
    [InlineData("raw-fixed", new long[] { 2, 3 }, "[2,3]")]
    [InlineData("raw-batch", new long[] { -1, 3 }, "[2,3]")]
    [InlineData("raw-inner", new long[] { 2, -1 }, "[2,3]")]
    [InlineData("raw-both", new long[] { -1, -1 }, "[1,6]")]
    [InlineData("raw-flat", new long[] { -1 }, "[6]")]
    public async Task Infer_BodyThatFits_GetsItsShapeFromItsLength(string model, long[] shape, string given)
    {
        await app.PublishAsync(model, TestModels.Identity(new TestTensor("x", TensorElementType.Float, shape)));
        var body = MemoryMarshal.AsBytes<float>([1, 2, 3, 4, 5, 6]).ToArray();

        using var answer = await app.PostAsync(model, body, "0");
        using var content = new StreamContent(new TrickleStream(body));
        content.Headers.TryAddWithoutValidation(ProtocolHeaders.JsonLength, "0");
        using var chunked = await app.Client.PostAsync(new Uri($"v2/models/{model}/infer", UriKind.Relative), content);

        Assert.Equal(body, await InferenceApp.TensorsAsync(answer));
        Assert.Equal(given, (await InferenceApp.JsonAsync(answer)).GetProperty("outputs")[0].GetProperty("shape").GetRawText());
        Assert.Equal(body, await InferenceApp.TensorsAsync(chunked));
    }

    [Theory]
    [InlineData("raw-wrong-fixed", new long[] { 2, 3 }, 23, "23 bytes are no tensor of FP32 and shape [2,3]")]
    [InlineData("raw-wrong-batch", new long[] { -1, 3 }, 13, "13 bytes are no tensor of FP32 and shape [-1,3]")]
    [InlineData("raw-wrong-empty", new long[] { -1, 3 }, 0, "the batch of 0 is outside 1 to 512")]
    [InlineData("raw-wrong-many", new long[] { -1, -1, -1 }, 24, "says nothing about the free dimensions of the shape [-1,-1,-1]")]
    public async Task Infer_BodyThatDoesNotFit_Is400WithTheReason(string model, long[] shape, int bytes, string reason)
    {
        await app.PublishAsync(model, TestModels.Identity(new TestTensor("x", TensorElementType.Float, shape)));

        using var answer = await app.PostAsync(model, new byte[bytes], "0");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, (await InferenceApp.JsonAsync(answer)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }
}
