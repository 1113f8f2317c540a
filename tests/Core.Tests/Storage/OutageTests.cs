using System.Diagnostics;
using Azure;
using Serverless.Core.Storage;
using Serverless.Core.Tests.Jobs;
using Serverless.Core.Tests.Rounds;
using Serverless.Testing;

namespace Serverless.Core.Tests.Storage;

public sealed class OutageTests
{
    [Fact]
    public async Task Requests_WhileStorageIsDown_GoOnWhenItIsBack()
    {
        using var azurite = new AzuriteServer();
        var bench = new RoundsBench(azurite);
        azurite.Kill();

        var create = bench.Storage.CreateAsync();
        var status = bench.Jobs.GetStatusAsync("nobody");
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.False(create.IsCompleted || status.IsCompleted);
        azurite.Start();

        await create.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Null(await status.WaitAsync(TimeSpan.FromSeconds(60)));
        var job = await bench.BeginAsync(SampleJobs.Spec());
        Assert.Equal(0, await bench.Rounds.LatestCheckpointAsync(job.Id));
    }

    [Fact]
    public async Task Requests_BriefPatienceAndNoStorage_FailSoon()
    {
        var storage = ServerlessStorage.Connect(
            new StorageSettings { ConnectionString = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a" },
            StoragePatience.Brief);
        var clock = Stopwatch.StartNew();

        var error = await Assert.ThrowsAsync<RequestFailedException>(() => storage.CreateAsync());

        Assert.Contains($"127.0.0.1 did not answer in {StoragePatience.Brief.Retries + 1} tries", error.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }
}
