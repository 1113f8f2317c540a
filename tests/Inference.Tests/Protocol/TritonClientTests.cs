using System.Globalization;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serverless.Inference.Tests.Protocol;

/// <summary>What Triton's Python client sends, byte for byte as it left its socket, and what it reads of the answers.</summary>
[Collection(InferenceCollection.Name)]
public sealed class TritonClientTests(InferenceApp app)
{
    [Fact]
    public async Task Infer_StringsInBinaryWithPriorityAndTimeout_ComeBackInBinary()
    {
        await app.PublishAsync("triton-text", TestModels.Identity(new TestTensor("x", TensorElementType.String, -1, 2)));
        var json = """{"id":"7","inputs":[{"name":"x","shape":[1,2],"datatype":"BYTES","parameters":{"binary_data_size":11}}],"outputs":[{"name":"x_out","parameters":{"binary_data":true}}],"parameters":{"priority":2,"timeout":500000}}"""u8;
        byte[] tensor = [1, 0, 0, 0, (byte)'a', 2, 0, 0, 0, 0xc3, 0xbc];

        var (status, headers, body) = await SendAsync("/v2/models/triton-text/infer", $"inference-header-content-length: {json.Length}\r\n", [.. json, .. tensor]);

        Assert.Equal(200, status);
        var length = int.Parse(headers["inference-header-content-length"], CultureInfo.InvariantCulture);
        Assert.Equal("""{"model_name":"triton-text","model_version":"1","id":"7","outputs":[{"name":"x_out","datatype":"BYTES","shape":[1,2],"parameters":{"binary_data_size":11}}]}""", Encoding.UTF8.GetString(body[..length]));
        Assert.Equal(tensor, body[length..]);
    }

    [Fact]
    public async Task Infer_CompressedJsonForAVersion_ComesBackInBinary()
    {
        await app.PublishAsync("triton-gzip", TestModels.Identity(new TestTensor("x", TensorElementType.Float, 2)));
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write("""{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1.5,-2.0]}],"parameters":{"binary_data_output":true}}"""u8);
        }

        var (status, headers, body) = await SendAsync(
            "/v2/models/triton-gzip/versions/1/infer", "content-encoding: gzip\r\naccept-encoding: gzip\r\n", compressed.ToArray());

        Assert.Equal(200, status);
        var length = int.Parse(headers["inference-header-content-length"], CultureInfo.InvariantCulture);
        Assert.Equal([0, 0, 192, 63, 0, 0, 0, 192], body[length..]);
    }

    [Fact]
    public async Task Repository_LoadIndexUnload_AreAsTheClientExpects()
    {
        var model = TestModels.Identity(new TestTensor("x", TensorElementType.Float, 2));
        var load = Encoding.UTF8.GetBytes($$$"""{"parameters":{"config":"{}","file:1/model.onnx":"{{{Convert.ToBase64String(model)}}}"}}""");

        var (loaded, _, nothing) = await SendAsync("/v2/repository/models/triton-load/load", "", load);
        var (indexed, _, index) = await SendAsync("/v2/repository/index", null, []);
        var (unloaded, _, _) = await SendAsync("/v2/repository/models/triton-load/unload", "", """{"parameters":{"unload_dependents":false}}"""u8.ToArray());

        Assert.Equal([200, 200, 200], [loaded, indexed, unloaded]);
        Assert.Empty(nothing);
        Assert.Contains("""{"name":"triton-load","version":"1","state":"READY"}""", Encoding.UTF8.GetString(index), StringComparison.Ordinal);
    }

    // Headers null: a POST without a body and without a word about its length.
    private async Task<(int Status, Dictionary<string, string> Headers, byte[] Body)> SendAsync(string route, string? headers, byte[] body)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(app.Client.BaseAddress!.Host, app.Client.BaseAddress.Port);
        await using var stream = connection.GetStream();
        var length = headers is null ? "" : $"content-length: {body.Length}\r\n";
        var head = $"POST {route} HTTP/1.1\r\nuser-agent: python/gevent-http-client-2.0.8\r\n{headers}host: {app.Client.BaseAddress.Authority}\r\n{length}\r\n";
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body]);

        using var reader = new BinaryReader(stream);
        var status = int.Parse(Line(reader).Split(' ')[1], CultureInfo.InvariantCulture);
        var answered = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (Line(reader) is { Length: > 0 } line)
        {
            answered[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }

        return (status, answered, answered.TryGetValue("content-length", out var bytes) ? reader.ReadBytes(int.Parse(bytes, CultureInfo.InvariantCulture)) : Chunks(reader));
    }

    private static byte[] Chunks(BinaryReader reader)
    {
        var whole = new MemoryStream();
        while (int.Parse(Line(reader), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var length)
        {
            whole.Write(reader.ReadBytes(length));
            Line(reader);
        }

        return whole.ToArray();
    }

    private static string Line(BinaryReader reader)
    {
        var line = new StringBuilder();
        for (var c = reader.ReadByte(); c != '\n'; c = reader.ReadByte())
        {
            line.Append((char)c);
        }

        return line.ToString().TrimEnd('\r');
    }
}
