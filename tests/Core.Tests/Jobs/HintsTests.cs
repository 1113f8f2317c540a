using Serverless.Core.Jobs;
using Serverless.Core.Storage;
using Serverless.Core.Tests.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Jobs;

[Collection(AzuriteCollection.Name)]
public sealed class HintsTests(AzuriteServer azurite)
{
    [Fact]
    public async Task ShardsAsync_ManyShards_SendsOneMessageEachInBase64()
    {
        var storage = ServerlessStorage.Connect(azurite.ConnectionString);
        await storage.CreateAsync();
        var job = JobId.New(DateTimeOffset.UnixEpoch);

        await new Hints(storage).ShardsAsync(job, Enumerable.Range(0, 20));

        // Other tests may have sent to the queue as well.
        var received = new List<ShardMessage>();
        while ((await storage.Queue(StorageNames.TrainingShardsQueue).ReceiveMessagesAsync(32)).Value is { Length: > 0 } messages)
        {
            received.AddRange(messages.Select(message => ShardMessage.Parse(message.Body)));
        }

        Assert.Equal(Enumerable.Range(0, 20), received.Where(message => message.Job == job).Select(message => message.Shard).Order());
    }
}
