using Azure.Storage.Queues;
using Serverless.Core.Storage;

namespace Serverless.Core.Jobs;

/// <summary>Sends the messages that make things happen soon. None of them carries anything that is not in blobs too: losing or repeating one changes only the time a job takes.</summary>
public sealed class Hints(ServerlessStorage storage)
{
    private readonly QueueClient _jobs = storage.Queue(StorageNames.TrainingJobsQueue);
    private readonly QueueClient _shards = storage.Queue(StorageNames.TrainingShardsQueue);
    private readonly QueueClient _rounds = storage.Queue(StorageNames.RoundContributionsQueue);
    private readonly QueueClient _publications = storage.Queue(StorageNames.ModelPublicationsQueue);

    /// <summary>This job may be planned.</summary>
    public Task JobAsync(string job, CancellationToken cancellation = default) => _jobs.SendMessageAsync(new JobMessage(job).ToBinaryData(), cancellationToken: cancellation);

    /// <summary>This shard wants a trainer.</summary>
    public Task ShardAsync(string job, int shard, CancellationToken cancellation = default) =>
        _shards.SendMessageAsync(new ShardMessage(job, shard).ToBinaryData(), cancellationToken: cancellation);

    /// <summary>This shard wants a trainer; when nobody has come by the end of the hint's life, it is gone from the queue.</summary>
    public Task ShardAsync(string job, int shard, TimeSpan lifetime, CancellationToken cancellation = default) =>
        _shards.SendMessageAsync(new ShardMessage(job, shard).ToBinaryData(), timeToLive: lifetime, cancellationToken: cancellation);

    /// <summary>How many hints about shards nobody has taken yet, roughly.</summary>
    public async Task<int> CountShardsAsync(CancellationToken cancellation = default) =>
        (await _shards.GetPropertiesAsync(cancellation).ConfigureAwait(false)).Value.ApproximateMessagesCount;

    /// <summary>These shards want trainers.</summary>
    public Task ShardsAsync(string job, IEnumerable<int> shards, CancellationToken cancellation = default) =>
        Parallel.ForEachAsync(
            shards,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation },
            async (shard, stop) => await ShardAsync(job, shard, stop));

    /// <summary>This round may be ready to be reduced.</summary>
    public Task RoundAsync(string job, int round, CancellationToken cancellation = default) =>
        _rounds.SendMessageAsync(new RoundMessage(job, round).ToBinaryData(), cancellationToken: cancellation);

    /// <summary>This job's last checkpoint may be ready to be published.</summary>
    public Task PublicationAsync(string job, CancellationToken cancellation = default) =>
        _publications.SendMessageAsync(new PublicationMessage(job).ToBinaryData(), cancellationToken: cancellation);
}
