using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Tests.Protocol;

[Collection(InferenceCollection.Name)]
public sealed class CompressionTests(InferenceApp app) : IAsyncLifetime
{
    private const string Model = "compression";
    private const int Bytes = 5000;

    private static readonly byte[] Json = Encoding.UTF8.GetBytes(
        $$$"""{"parameters":{"binary_data_output":true},"inputs":[{"name":"x","shape":[{{{Bytes}}}],"datatype":"UINT8","parameters":{"binary_data_size":{{{Bytes}}}}}]}""");

    private static readonly byte[] Tensor = [.. Enumerable.Range(0, Bytes).Select(i => (byte)(i / 10))];

    public async Task InitializeAsync()
    {
        if (await app.Store.TryGetConfigAsync(Model, 1) is null)
        {
            await app.PublishAsync(Model, TestModels.Identity(new TestTensor("x", TensorElementType.UInt8, Bytes)));
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Infer_CompressedBothWays_HeaderCountsPlainJson(string coding)
    {
        using var answer = await SendAsync(Compress(coding, [.. Json, .. Tensor]), coding, Json.Length, coding);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal([coding], answer.Content.Headers.ContentEncoding);
        var plain = Decompress(coding, await answer.Content.ReadAsByteArrayAsync());
        var header = int.Parse(answer.Headers.GetValues(ProtocolHeaders.JsonLength).Single(), CultureInfo.InvariantCulture);
        Assert.Equal(Tensor, plain[header..]);
        Assert.Contains($"\"binary_data_size\":{Bytes}", Encoding.UTF8.GetString(plain[..header]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_CompressedRawBody_IsMeasuredAfterDecompression()
    {
        using var answer = await SendAsync(Compress("gzip", Tensor), "gzip", 0, null);

        Assert.Equal(Tensor, await InferenceApp.TensorsAsync(answer));
    }

    [Theory]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("gzip;q=0, *", "deflate")]
    [InlineData("deflate;q=0.9, GZIP;q=0.5", "deflate")]
    [InlineData("br, identity", null)]
    [InlineData("gzip;q=0", null)]
    public async Task Infer_WhatTheClientAccepts_DecidesTheResponse(string accepted, string? coding)
    {
        using var answer = await SendAsync([.. Json, .. Tensor], null, Json.Length, accepted);

        Assert.Equal(coding is null ? [] : [coding], answer.Content.Headers.ContentEncoding);
    }

    [Theory]
    [InlineData("gzip", "cannot be decompressed")]
    [InlineData("deflate", "cannot be decompressed")]
    public async Task Infer_BodyThatIsNotWhatItSays_Is400(string coding, string reason)
    {
        using var answer = await SendAsync([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], coding, Json.Length, null);

        await AssertRefusedAsync(answer, HttpStatusCode.BadRequest, reason);
    }

    [Fact]
    public async Task Infer_CutOffBody_Is400()
    {
        var whole = Compress("gzip", [.. Json, .. Tensor]);

        using var answer = await SendAsync(whole[..(whole.Length / 2)], "gzip", Json.Length, null);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Infer_UnknownCoding_Is415AndNamesTheLegalOnes()
    {
        using var answer = await SendAsync([1, 2, 3], "br", null, null);

        await AssertRefusedAsync(answer, HttpStatusCode.UnsupportedMediaType, "'br' is not supported; legal are gzip, deflate");
    }

    [Fact]
    public async Task Infer_SmallBodyThatInflatesOverTheLimit_Is413()
    {
        using var answer = await SendAsync(Compress("gzip", Encoding.ASCII.GetBytes(new string(' ', 6 << 20))), "gzip", null, null);

        await AssertRefusedAsync(answer, HttpStatusCode.RequestEntityTooLarge, "4194304 bytes");
    }

    [Fact]
    public async Task Infer_BinaryDataThatNoSuchBodyCanHold_Is400BeforeMemoryIsTaken()
    {
        await app.PublishAsync("compression-lie", TestModels.Identity(new TestTensor("x", TensorElementType.UInt8, 4_000_000)));
        var json = Encoding.UTF8.GetBytes("""{"inputs":[{"name":"x","shape":[4000000],"datatype":"UINT8","parameters":{"binary_data_size":4000000}}]}""");

        using var answer = await SendAsync(Compress("gzip", json), "gzip", json.Length, null, "compression-lie");

        await AssertRefusedAsync(answer, HttpStatusCode.BadRequest, "takes 4000000 bytes in all, the body has");
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string reason)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(reason, (await InferenceApp.JsonAsync(answer)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> SendAsync(byte[] body, string? coding, int? header, string? accepted, string model = Model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"v2/models/{model}/infer", UriKind.Relative));
        request.Content = new ByteArrayContent(body);
        if (coding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(coding);
        }

        if (header is not null)
        {
            request.Headers.Add(ProtocolHeaders.JsonLength, header.Value.ToString(CultureInfo.InvariantCulture));
        }

        if (accepted is not null)
        {
            request.Headers.Add("Accept-Encoding", accepted);
        }

        return await app.Client.SendAsync(request);
    }

    private static byte[] Compress(string coding, byte[] plain)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = coding == "gzip" ? new GZipStream(compressed, CompressionLevel.Optimal, true) : new ZLibStream(compressed, CompressionLevel.Optimal, true))
        {
            stream.Write(plain);
        }

        return compressed.ToArray();
    }

    private static byte[] Decompress(string coding, byte[] compressed)
    {
        using var source = new MemoryStream(compressed);
        using Stream stream = coding == "gzip" ? new GZipStream(source, CompressionMode.Decompress) : new ZLibStream(source, CompressionMode.Decompress);
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }
}
