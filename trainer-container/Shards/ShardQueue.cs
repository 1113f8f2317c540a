using Azure;
using Azure.Storage.Queues;
using Microsoft.Extensions.Logging;
using Serverless.Core.Jobs;
using Serverless.Core.Storage;

namespace Serverless.Trainer.Shards;

/// <summary>
/// The queue of shards that want a trainer. Messages are hints: one is settled as soon as its shard is claimed, or found to need nobody, and never held for the
/// length of a training run.
/// </summary>
internal sealed class ShardQueue(ServerlessStorage storage, ILogger<ShardQueue> logger)
{
    // A message that came back this often was held each time by a trainer that died before it had claimed anything.
    private const int MostDequeues = 5;

    // What the service lets one look at.
    private const int MostPeeked = 32;

    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(30);

    private readonly QueueClient _queue = storage.Queue(StorageNames.TrainingShardsQueue);
    private readonly QueueClient _poison = storage.Queue(StorageNames.Poison(StorageNames.TrainingShardsQueue));

    /// <summary>The next hint, or null when there is none now.</summary>
    public async Task<ShardHint?> ReceiveAsync(CancellationToken cancellation)
    {
        while ((await _queue.ReceiveMessageAsync(Hold, cancellation)).Value is { } message)
        {
            if (message.DequeueCount <= MostDequeues && TryParse(message.Body) is { } shard)
            {
                return new ShardHint(shard.Job, shard.Shard, message.MessageId, message.PopReceipt);
            }

            TrainerLog.HintPoisoned(logger, message.MessageId, message.DequeueCount);
            await _poison.SendMessageAsync(message.Body, cancellationToken: cancellation);
            await DeleteAsync(message.MessageId, message.PopReceipt, cancellation);
        }

        return null;
    }

    /// <summary>
    /// Whether a hint of this job is among the first that wait. Looking takes none of them: a hint of another job that were taken and put back again and again would
    /// count as one that kills its trainers.
    /// </summary>
    public async Task<bool> HasAsync(string job, CancellationToken cancellation)
    {
        var waiting = await _queue.PeekMessagesAsync(MostPeeked, cancellation);
        return waiting.Value.Any(message => TryParse(message.Body)?.Job == job);
    }

    /// <summary>The hint has done its work.</summary>
    public Task SettleAsync(ShardHint hint, CancellationToken cancellation) => DeleteAsync(hint.MessageId, hint.Receipt, cancellation);

    /// <summary>The hint is for somebody else: it is visible again at once.</summary>
    public async Task PutBackAsync(ShardHint hint, CancellationToken cancellation)
    {
        try
        {
            await _queue.UpdateMessageAsync(hint.MessageId, hint.Receipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: cancellation);
        }
        catch (RequestFailedException e) when (e.Status is 400 or 404)
        {
            // Held for too long: somebody else has it already.
        }
    }

    private static ShardMessage? TryParse(BinaryData body)
    {
        try
        {
            return ShardMessage.Parse(body);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private async Task DeleteAsync(string id, string receipt, CancellationToken cancellation)
    {
        try
        {
            await _queue.DeleteMessageAsync(id, receipt, cancellation);
        }
        catch (RequestFailedException e) when (e.Status is 400 or 404)
        {
            // Held for too long, or lost with a crashed store: a hint too many does no harm.
        }
    }
}
