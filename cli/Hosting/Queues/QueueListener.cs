using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Cli.Hosting.Functions;

namespace Serverless.Cli.Hosting.Queues;

/// <summary>
/// Receives a queue's messages and runs its function, as the Functions host does: batches, a new batch once few are left, locks renewed while the function
/// runs, deletion after success, another try after failure, the poison queue after too many tries or for a body that is not base64.
/// </summary>
internal sealed partial class QueueListener
{
    private readonly QueueFunction _function;
    private readonly QueueClient _queue;
    private readonly QueueClient _poison;
    private readonly QueueOptions _options;
    private readonly TimeSpan _lock;
    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Sets a listener up; nothing is received before <see cref="RunAsync"/>.</summary>
    /// <param name="function">The function to run.</param>
    /// <param name="connectionString">The storage account.</param>
    /// <param name="options">host.json's settings.</param>
    /// <param name="messageLock">How long a message stays hidden at a time while its function runs.</param>
    /// <param name="services">The function app's services.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where failures are told.</param>
    public QueueListener(
        QueueFunction function, string connectionString, QueueOptions options, TimeSpan messageLock, IServiceProvider services, TimeProvider time, ILogger<QueueListener> logger)
    {
        _function = function;
        _options = options;
        _lock = messageLock;
        _scopes = services.GetRequiredService<IServiceScopeFactory>();
        _time = time;
        _logger = logger;
        var raw = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None };
        _poison = new QueueClient(connectionString, function.Queue + "-poison", raw);
        var client = new QueueClientOptions { MessageEncoding = options.Base64 ? QueueMessageEncoding.Base64 : QueueMessageEncoding.None };
        client.MessageDecodingFailed += async failed => await MoveToPoisonAsync(failed.ReceivedMessage, failed.ReceivedMessage.Body.ToString(), failed.CancellationToken);
        _queue = new QueueClient(connectionString, function.Queue, client);
    }

    /// <summary>Receives until stopped, then lets what is running finish.</summary>
    /// <param name="stopping">Ends receiving.</param>
    /// <param name="abandoning">Ends running functions that did not finish in time.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abandoning)
    {
        var running = new ConcurrentDictionary<Task, byte>();
        var pause = new PollingDelay(_options.MaxPollingInterval);
        try
        {
            while (true)
            {
                stopping.ThrowIfCancellationRequested();
                while (running.Count > _options.NewBatchThreshold)
                {
                    await Task.WhenAny(running.Keys).WaitAsync(stopping);
                    RemoveFinished(running);
                }

                var messages = await ReceiveAsync(stopping);
                foreach (var message in messages)
                {
                    running.TryAdd(ProcessAsync(message, abandoning), 0);
                }

                if (messages.Length == 0)
                {
                    await Task.Delay(pause.AfterEmpty(), _time, stopping);
                }
                else
                {
                    pause.Reset();
                }

                RemoveFinished(running);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Task.WhenAll(running.Keys);
        }
    }

    private static void RemoveFinished(ConcurrentDictionary<Task, byte> running)
    {
        foreach (var task in running.Keys)
        {
            if (task.IsCompleted)
            {
                running.TryRemove(task, out _);
            }
        }
    }

    private async Task<QueueMessage[]> ReceiveAsync(CancellationToken stopping)
    {
        try
        {
            var messages = await _queue.ReceiveMessagesAsync(_options.BatchSize, _lock, stopping);
            return messages.Value;
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            // Whoever sends the first message creates the queue.
            return [];
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            // The storage is away for a moment (or restarting): the pause of an empty queue is the right pause for that too.
            LogUnreachable(_logger, _function.Queue, e.Message);
            return [];
        }
    }

    private async Task ProcessAsync(QueueMessage message, CancellationToken abandoning)
    {
        await Task.Yield();
        var receipt = new MessageReceipt(_queue, message, _lock, _time);
        try
        {
            if (message.DequeueCount > _options.MaxDequeueCount)
            {
                // Its earlier tries ended with their host, so nobody could count them as failed.
                await MoveToPoisonAsync(message, Encoded(message), CancellationToken.None);
                return;
            }

            try
            {
                await using var scope = _scopes.CreateAsyncScope();
                await receipt.HoldWhileAsync(_function.Invoke(_function.Activate?.Invoke(scope.ServiceProvider), message, abandoning));
            }
            catch (Exception e)
            {
                await SettleFailedAsync(message, receipt, e, abandoning);
                return;
            }

            await receipt.DeleteAsync();
        }
        catch (Exception e)
        {
            // The message comes back when its lock ends: at least once, as promised.
            LogNotSettled(_logger, message.MessageId, _function.Queue, e.Message);
        }
    }

    private async Task SettleFailedAsync(QueueMessage message, MessageReceipt receipt, Exception failure, CancellationToken abandoning)
    {
        if (abandoning.IsCancellationRequested)
        {
            await receipt.ReleaseAsync(TimeSpan.Zero);
        }
        else if (message.DequeueCount >= _options.MaxDequeueCount)
        {
            LogFailed(_logger, failure, _function.Name, message.MessageId, message.DequeueCount, _options.MaxDequeueCount);
            await MoveToPoisonAsync(receipt.Current(message), Encoded(message), CancellationToken.None);
        }
        else
        {
            LogFailed(_logger, failure, _function.Name, message.MessageId, message.DequeueCount, _options.MaxDequeueCount);
            await receipt.ReleaseAsync(_options.VisibilityTimeout);
        }
    }

    private async Task MoveToPoisonAsync(QueueMessage message, string encoded, CancellationToken cancellationToken)
    {
        await _poison.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        await _poison.SendMessageAsync(encoded, cancellationToken);
        await _queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellationToken);
        LogPoisoned(_logger, message.MessageId, _function.Queue, _poison.Name);
    }

    private string Encoded(QueueMessage message) => _options.Base64 ? Convert.ToBase64String(message.Body.ToMemory().Span) : message.Body.ToString();

    [LoggerMessage(EventId = 3201, Level = LogLevel.Error, Message = "Function {Function} failed on message {Message} (try {Try} of {Tries})")]
    private static partial void LogFailed(ILogger logger, Exception exception, string function, string message, long @try, int tries);

    [LoggerMessage(EventId = 3202, Level = LogLevel.Warning, Message = "Message {Message} of queue {Queue} moved to {Poison}")]
    private static partial void LogPoisoned(ILogger logger, string message, string queue, string poison);

    [LoggerMessage(EventId = 3203, Level = LogLevel.Warning, Message = "Queue {Queue} could not be read: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string queue, string reason);

    [LoggerMessage(EventId = 3204, Level = LogLevel.Warning, Message = "Message {Message} of queue {Queue} could not be settled and will come again: {Reason}")]
    private static partial void LogNotSettled(ILogger logger, string message, string queue, string reason);
}
