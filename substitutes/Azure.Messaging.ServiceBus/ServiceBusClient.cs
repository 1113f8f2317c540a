using Azure.Core;

namespace Azure.Messaging.ServiceBus;

/// <summary>A connection to a Service Bus namespace. This stand-in keeps code compiling; it connects to nothing.</summary>
public class ServiceBusClient : IAsyncDisposable
{
    /// <summary>For mocks.</summary>
    protected ServiceBusClient()
    {
    }

    /// <summary>Connects by a connection string.</summary>
    /// <param name="connectionString">Namespace and key.</param>
    /// <exception cref="PlatformNotSupportedException">Always: the package Azure.Messaging.ServiceBus is missing.</exception>
    public ServiceBusClient(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        throw PackageMissing();
    }

    /// <summary>Connects by an identity.</summary>
    /// <param name="fullyQualifiedNamespace">The namespace's host name.</param>
    /// <param name="credential">The identity.</param>
    /// <exception cref="PlatformNotSupportedException">Always: the package Azure.Messaging.ServiceBus is missing.</exception>
    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential)
    {
        ArgumentException.ThrowIfNullOrEmpty(fullyQualifiedNamespace);
        ArgumentNullException.ThrowIfNull(credential);
        throw PackageMissing();
    }

    /// <summary>The namespace's host name.</summary>
    public virtual string FullyQualifiedNamespace => throw PackageMissing();

    /// <summary>Whether the client was disposed.</summary>
    public virtual bool IsClosed => false;

    /// <summary>Creates a sender.</summary>
    /// <param name="queueOrTopicName">Where to send to.</param>
    public virtual ServiceBusSender CreateSender(string queueOrTopicName) => throw PackageMissing();

    /// <summary>Creates a receiver that locks messages until they are settled.</summary>
    /// <param name="queueName">Where to receive from.</param>
    public virtual ServiceBusReceiver CreateReceiver(string queueName) => throw PackageMissing();

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    internal static PlatformNotSupportedException PackageMissing() => new(
        "Service Bus needs the package Azure.Messaging.ServiceBus, which the feed this was built on lacks. " +
        "Build with -p:Packages=official where the package exists, or use storage queues.");
}
