namespace Azure.Messaging.ServiceBus;

/// <summary>A message that was received.</summary>
public class ServiceBusReceivedMessage
{
    internal ServiceBusReceivedMessage()
    {
    }

    /// <summary>The content.</summary>
    public BinaryData Body => throw ServiceBusClient.PackageMissing();

    /// <summary>The id the sender gave.</summary>
    public string MessageId => throw ServiceBusClient.PackageMissing();

    /// <summary>The kind of content.</summary>
    public string ContentType => throw ServiceBusClient.PackageMissing();

    /// <summary>How often the message was delivered.</summary>
    public int DeliveryCount => throw ServiceBusClient.PackageMissing();

    /// <summary>When it was put into the queue.</summary>
    public DateTimeOffset EnqueuedTime => throw ServiceBusClient.PackageMissing();

    /// <summary>Properties of the application.</summary>
    public IReadOnlyDictionary<string, object> ApplicationProperties => throw ServiceBusClient.PackageMissing();
}
