using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;
using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Queues;

/// <summary>
/// What all queue triggers have in common: what becomes of messages that fail. A passing failure is thrown, so that the host delivers the message again and after the last
/// time moves it to the poison queue; one that would only repeat itself goes there at once. Either way the job is marked as failed with the reason.
/// </summary>
public sealed partial class QueueEndpoint(JobStore jobs, ServerlessStorage storage, IOptions<ControlPlaneOptions> options, ILogger<QueueEndpoint> logger)
{
    /// <summary>Handles a message.</summary>
    /// <param name="queue">The queue it came from.</param>
    /// <param name="message">The message.</param>
    /// <param name="parse">Reads it.</param>
    /// <param name="jobOf">The job it is about.</param>
    /// <param name="handle">Does the work; may be done any number of times.</param>
    /// <param name="cancellation">Ends the work; the message is delivered again.</param>
    public async Task HandleAsync<T>(
        string queue, QueueMessage message, Func<QueueMessage, T> parse, Func<T, string> jobOf, Func<T, CancellationToken, Task> handle, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(parse);
        ArgumentNullException.ThrowIfNull(jobOf);
        ArgumentNullException.ThrowIfNull(handle);
        T content;
        try
        {
            content = parse(message);
        }
        catch (InvalidDataException unreadable)
        {
            LogUnreadable(logger, message.MessageId, queue, unreadable.Message);
            await PoisonAsync(queue, message, cancellation);
            return;
        }

        var job = jobOf(content);
        try
        {
            await handle(content, cancellation);
        }
        catch (Exception failure) when (failure is ValidationException or DivergedException or JobNotFoundException)
        {
            LogHopeless(logger, message.MessageId, queue, job, failure.Message);
            await FailAsync(job, failure.Message, cancellation);
            await PoisonAsync(queue, message, cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException && message.DequeueCount >= options.Value.MaxDequeueCount)
        {
            LogExhausted(logger, failure, message.MessageId, queue, job, message.DequeueCount);
            await FailAsync(job, $"gave up after {message.DequeueCount} attempts: {failure.Message}", cancellation);
            throw;
        }
    }

    private async Task FailAsync(string job, string reason, CancellationToken cancellation)
    {
        try
        {
            await jobs.FailAsync(job, reason, cancellation);
        }
        catch (JobNotFoundException)
        {
            // A hint of a job that was deleted: there is nothing to mark.
        }
    }

    private async Task PoisonAsync(string queue, QueueMessage message, CancellationToken cancellation) =>
        await storage.Queue(StorageNames.Poison(queue)).SendMessageAsync(message.Body, cancellationToken: cancellation);

    [LoggerMessage(2200, LogLevel.Error, "Message {MessageId} on {Queue} cannot be read and goes to the poison queue: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string messageId, string queue, string reason);

    [LoggerMessage(2201, LogLevel.Error, "Message {MessageId} on {Queue} about job {Job} can never succeed and goes to the poison queue: {Reason}")]
    private static partial void LogHopeless(ILogger logger, string messageId, string queue, string job, string reason);

    [LoggerMessage(2202, LogLevel.Error, "Message {MessageId} on {Queue} about job {Job} failed {Attempts} times and goes to the poison queue")]
    private static partial void LogExhausted(ILogger logger, Exception failure, string messageId, string queue, string job, long attempts);
}
