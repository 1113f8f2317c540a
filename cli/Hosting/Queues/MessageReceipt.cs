using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Serverless.Cli.Hosting.Queues;

/// <summary>The hold on one received message. Each renewal gives a new receipt, and only the newest one settles the message.</summary>
/// <param name="queue">Where the message is from.</param>
/// <param name="message">The message.</param>
/// <param name="lockTime">How long one renewal holds it.</param>
/// <param name="time">The clock.</param>
internal sealed class MessageReceipt(QueueClient queue, QueueMessage message, TimeSpan lockTime, TimeProvider time)
{
    private string _receipt = message.PopReceipt;

    /// <summary>Awaits work and keeps the message hidden meanwhile, renewing at a third of the lock time.</summary>
    /// <param name="work">The running function.</param>
    public async Task HoldWhileAsync(Task work)
    {
        if (work.IsCompleted)
        {
            await work;
            return;
        }

        using var done = new CancellationTokenSource();
        var renewal = RenewAsync(done.Token);
        try
        {
            await work;
        }
        finally
        {
            await done.CancelAsync();
            await renewal;
        }
    }

    /// <summary>The message with the newest receipt.</summary>
    public QueueMessage Current(QueueMessage received) => QueuesModelFactory.QueueMessage(
        received.MessageId, _receipt, received.Body, received.DequeueCount, received.NextVisibleOn, received.InsertedOn, received.ExpiresOn);

    /// <summary>Settles the message: it is done.</summary>
    public Task DeleteAsync() => queue.DeleteMessageAsync(message.MessageId, _receipt);

    /// <summary>Gives the message back for another try.</summary>
    /// <param name="after">How long it stays hidden first.</param>
    public Task ReleaseAsync(TimeSpan after) => queue.UpdateMessageAsync(message.MessageId, _receipt, visibilityTimeout: after);

    private async Task RenewAsync(CancellationToken done)
    {
        try
        {
            while (true)
            {
                await Task.Delay(lockTime / 3, time, done);
                var renewed = await queue.UpdateMessageAsync(message.MessageId, _receipt, visibilityTimeout: lockTime, cancellationToken: CancellationToken.None);
                _receipt = renewed.Value.PopReceipt;
            }
        }
        catch (OperationCanceledException) when (done.IsCancellationRequested)
        {
            // The work is over.
        }
        catch (RequestFailedException)
        {
            // The message is someone else's by now, or the storage is away: settling will tell. The work itself is safe to do twice.
        }
    }
}
