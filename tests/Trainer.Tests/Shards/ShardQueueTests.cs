using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Core.Jobs;
using Serverless.Core.Storage;
using Serverless.Trainer.Shards;

namespace Serverless.Trainer.Tests.Shards;

public sealed class ShardQueueTests(TrainerCase trainers) : IClassFixture<TrainerCase>
{
    [Fact]
    public async Task HasAsync_HintOfAnotherJob_StaysForItsOwn()
    {
        var queue = new ShardQueue(trainers.Storage, NullLogger<ShardQueue>.Instance);
        await new Hints(trainers.Storage).ShardAsync("theirs", 2);

        // As often as busy trainers look while that job waits for one of its own.
        for (var look = 0; look < 10; look++)
        {
            Assert.False(await queue.HasAsync("ours", CancellationToken.None));
        }

        Assert.True(await queue.HasAsync("theirs", CancellationToken.None));
        var hint = await queue.ReceiveAsync(CancellationToken.None);
        Assert.Equal(("theirs", 2), (hint?.Job, hint?.Shard));
        Assert.Empty((await trainers.Storage.Queue(StorageNames.Poison(StorageNames.TrainingShardsQueue)).PeekMessagesAsync()).Value);
    }
}
