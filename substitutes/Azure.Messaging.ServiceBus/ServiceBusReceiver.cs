namespace Azure.Messaging.ServiceBus;

/// <summary>Receives messages from a queue or subscription.</summary>
public class ServiceBusReceiver : IAsyncDisposable
{
    /// <summary>For mocks.</summary>
    protected ServiceBusReceiver()
    {
    }

    /// <summary>The queue or subscription.</summary>
    public virtual string EntityPath => throw ServiceBusClient.PackageMissing();

    /// <summary>Receives a message, null when none came in time.</summary>
    /// <param name="maxWaitTime">How long to wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public virtual Task<ServiceBusReceivedMessage> ReceiveMessageAsync(TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default) =>
        throw ServiceBusClient.PackageMissing();

    /// <summary>Removes a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        throw ServiceBusClient.PackageMissing();

    /// <summary>Gives a message back to the queue.</summary>
    /// <param name="message">The message.</param>
    /// <param name="propertiesToModify">Properties to change on the way.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object> propertiesToModify = null, CancellationToken cancellationToken = default) =>
        throw ServiceBusClient.PackageMissing();

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
