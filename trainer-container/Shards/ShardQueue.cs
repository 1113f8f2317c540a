using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
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

    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(30);

    private readonly QueueClient _queue = storage.Queue(StorageNames.TrainingShardsQueue);
    private readonly QueueClient _poison = storage.Queue(StorageNames.Poison(StorageNames.TrainingShardsQueue));

    /// <summary>The next hint, or null when there is none now.</summary>
    public async Task<ShardHint?> ReceiveAsync(CancellationToken cancellation)
    {
        while ((await _queue.ReceiveMessageAsync(Hold, cancellation)).Value is { } message)
        {
            if (message.DequeueCount <= MostDequeues && TryParse(message) is { } shard)
            {
                return new ShardHint(shard.Job, shard.Shard, message.MessageId, message.PopReceipt);
            }

            TrainerLog.HintPoisoned(logger, message.MessageId, message.DequeueCount);
            await _poison.SendMessageAsync(message.Body, cancellationToken: cancellation);
            await DeleteAsync(message.MessageId, message.PopReceipt, cancellation);
        }

        return null;
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

    private static ShardMessage? TryParse(QueueMessage message)
    {
        try
        {
            return ShardMessage.Parse(message.Body);
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
