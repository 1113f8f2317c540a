using System.Net;
using System.Net.Sockets;
using System.Text;
using Serverless.Core.Jobs;
using Serverless.Core.Storage;

namespace Serverless.ControlPlane.Tests.Jobs;

[Collection(ControlPlaneCollection.Name)]
public sealed class SubmitTests(ControlPlaneApp app) : IAsyncLifetime
{
    public Task InitializeAsync() => app.ResetAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task SubmitJob_LegalSpec_Is202WithTheJobsAddressAndAHint()
    {
        using var content = new StringContent(ControlPlaneApp.SpecJson("\"name\":\"first\""));
        using var answer = await app.Client.PostAsync(new Uri("api/jobs", UriKind.Relative), content);
        var location = answer.Headers.Location!;
        var (status, body) = await ControlPlaneApp.ReadAsync(answer);

        Assert.Equal(202, status);
        var job = body.GetProperty("job").GetString()!;
        Assert.True(JobId.IsValid(job));
        Assert.Equal(new Uri(app.Client.BaseAddress!, $"api/jobs/{job}"), location);
        Assert.Equal(location.AbsoluteUri, body.GetProperty("status").GetString());
        Assert.Equal([$$"""{"job":"{{job}}"}"""], await app.TakeAsync(StorageNames.TrainingJobsQueue));
        var (_, details) = await app.GetAsync($"api/jobs/{job}");
        Assert.Equal("submitted", details.GetProperty("state").GetString());
        Assert.Equal("first", details.GetProperty("name").GetString());
        Assert.Equal("shapes", details.GetProperty("dataset").GetString());
    }

    [Theory]
    [InlineData("{", "", "not valid JSON")]
    [InlineData("", "", "not valid JSON")]
    [InlineData("[]", "", "an object is needed")]
    [InlineData("""{"datasett":"shapes"}""", "datasett", "dataset")]
    public async Task SubmitJob_BrokenSpec_Is400NamingTheField(string spec, string field, string message) => await AssertRefusedAsync(spec, field, message);

    [Theory]
    [InlineData("\"batchsize\":3", "batchsize", "batchSize")]
    [InlineData("\"shards\":0", "shards", "legal 1..1024")]
    [InlineData("\"shards\":10000", "shards", "legal 1..1024")]
    [InlineData("\"shards\":41", "shards", "legal 1..40")]
    [InlineData("\"batchSize\":-1", "batchSize", "legal 1..65536")]
    [InlineData("\"dataset\":\"absent\"", "dataset", "there are shapes")]
    [InlineData("\"dataset\":\"shapess\"", "dataset", "shapes")]
    [InlineData("\"dataset\":\"../jobs\"", "dataset", "legal 1 to 63 of the characters")]
    [InlineData("\"publish\":{\"model\":\"a/b\"}", "publish.model", "legal 1 to 63 of the characters")]
    [InlineData("\"network\":{\"layers\":[{\"type\":\"conv2d\",\"filters\":2,\"kernel\":3},{\"type\":\"flatten\"},{\"type\":\"linear\"}]}", "network.layers[0]", "")]
    [InlineData("\"loss\":\"meanSquaredError\"", "loss", "legal crossEntropy")]
    [InlineData("\"epochs\":3", "epochs", "one of the two")]
    public async Task SubmitJob_SpecThatCannotWork_Is400AndNothingIsLeft(string fields, string field, string message) =>
        await AssertRefusedAsync(ControlPlaneApp.SpecJson(fields), field, message);

    [Fact]
    public async Task SubmitJob_SeveralErrors_AreReportedTogether()
    {
        var (_, body) = await app.SubmitAsync(ControlPlaneApp.SpecJson("\"shards\":0,\"batchSize\":0,\"nonsense\":1"));

        Assert.Equal(["batchSize", "nonsense", "shards"], body.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()!).Order());
    }

    [Fact]
    public async Task SubmitJob_BodyThatAnnouncesAHundredMegabytes_Is413BeforeItIsSent()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, app.Client.BaseAddress!.Port);
        await socket.SendAsync("POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n"u8.ToArray());

        using var reader = new StreamReader(new NetworkStream(socket));
        var answer = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        Assert.Contains("limit of 1048576 bytes", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubmitJob_EndlessChunkedBody_Is413WithoutHoldingIt()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, app.Client.BaseAddress!.Port);
        await socket.SendAsync("POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
        var chunk = Encoding.ASCII.GetBytes($"10000\r\n{new string(' ', 65536)}\r\n");
        using var reader = new StreamReader(new NetworkStream(socket));
        var answer = reader.ReadLineAsync();
        var sent = 0L;
        try
        {
            while (!answer.IsCompleted)
            {
                sent += await socket.SendAsync(chunk);
            }
        }
        catch (SocketException)
        {
            // The server has closed the connection.
        }

        Assert.StartsWith("HTTP/1.1 413 ", await answer, StringComparison.Ordinal);
        Assert.InRange(sent, 1 << 20, 64 << 20);
    }

    [Fact]
    public async Task SubmitJob_SameIdempotencyKeyTwice_IsOneJob()
    {
        async Task<string> SubmitAsync(string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/jobs") { Content = new StringContent(ControlPlaneApp.SpecJson()) };
            request.Headers.Add("Idempotency-Key", key);
            return (await ControlPlaneApp.ReadAsync(await app.Client.SendAsync(request))).Body.GetProperty("job").GetString()!;
        }

        var first = await SubmitAsync("key one");
        var again = await SubmitAsync("key one");
        var other = await SubmitAsync("key two");

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    private async Task AssertRefusedAsync(string spec, string field, string message)
    {
        var before = await app.CountJobBlobsAsync();

        using var content = new StringContent(spec);
        using var answer = await app.Client.PostAsync(new Uri("api/jobs", UriKind.Relative), content);

        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var (status, body) = await ControlPlaneApp.ReadAsync(answer);
        Assert.Equal(400, status);
        Assert.Contains(body.GetProperty("errors").EnumerateArray(), error =>
            error.GetProperty("field").GetString() == field && error.GetProperty("message").GetString()!.Contains(message, StringComparison.Ordinal));
        Assert.Equal(before, await app.CountJobBlobsAsync());
        Assert.Empty(await app.TakeAsync(StorageNames.TrainingJobsQueue));
    }
}
