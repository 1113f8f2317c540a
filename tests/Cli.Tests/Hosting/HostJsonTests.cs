using Serverless.Cli.Hosting;
using Serverless.Cli.Hosting.Queues;

namespace Serverless.Cli.Tests.Hosting;

public sealed class HostJsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Read_NoFile_GivesTheDefaultsOfFunctions()
    {
        var hostJson = HostJson.Read(_folder.File("nowhere.json"));

        Assert.Equal("api", hostJson.RoutePrefix);
        Assert.Equal(new QueueOptions { BatchSize = 16, NewBatchThreshold = 8, MaxDequeueCount = 5, VisibilityTimeout = TimeSpan.Zero, MaxPollingInterval = TimeSpan.FromMinutes(1), Base64 = true }, hostJson.Queues);
    }

    [Fact]
    public void Read_BatchSizeAlone_HalvesItForTheThreshold()
    {
        var hostJson = Read("""{ "version": "2.0", /* comments are allowed */ "extensions": { "http": { "routePrefix": "" }, "queues": { "batchSize": 10 } } }""");

        Assert.Equal("", hostJson.RoutePrefix);
        Assert.Equal(10, hostJson.Queues.BatchSize);
        Assert.Equal(5, hostJson.Queues.NewBatchThreshold);
    }

    [Theory]
    [InlineData("\"batchSize\": 33", "batchSize is 33", "1 to 32")]
    [InlineData("\"batchSize\": 0", "batchSize is 0", "1 to 32")]
    [InlineData("\"maxDequeueCount\": \"five\"", "maxDequeueCount is \"five\"", "1 to")]
    [InlineData("\"visibilityTimeout\": \"-00:00:01\"", "visibilityTimeout", "00:00:00 to")]
    [InlineData("\"maxPollingInterval\": \"00:00:00.01\"", "maxPollingInterval", "00:00:00.1")]
    [InlineData("\"messageEncoding\": \"rot13\"", "messageEncoding is \"rot13\"", "base64, none")]
    public void Read_ValueOutsideTheRange_NamesFieldValueAndRange(string setting, string named, string legal)
    {
        var failure = Assert.Throws<HostStartException>(() => Read($$"""{ "extensions": { "queues": { {{setting}} } } }"""));

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        Assert.Contains(legal, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NotJson_NamesTheFile()
    {
        var failure = Assert.Throws<HostStartException>(() => Read("version = 2"));

        Assert.Contains(_folder.File("host.json"), failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private HostJson Read(string json)
    {
        File.WriteAllText(_folder.File("host.json"), json);
        return HostJson.Read(_folder.File("host.json"));
    }
}
