namespace Azure.Messaging.ServiceBus;

/// <summary>Sends messages to a queue or topic.</summary>
public class ServiceBusSender : IAsyncDisposable
{
    /// <summary>For mocks.</summary>
    protected ServiceBusSender()
    {
    }

    /// <summary>The queue or topic.</summary>
    public virtual string EntityPath => throw ServiceBusClient.PackageMissing();

    /// <summary>Sends a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public virtual Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default) =>
        throw ServiceBusClient.PackageMissing();

    /// <summary>Sends messages as one batch.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public virtual Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default) =>
        throw ServiceBusClient.PackageMissing();

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
