namespace Azure.Messaging.ServiceBus;

/// <summary>A message to send.</summary>
public class ServiceBusMessage
{
    /// <summary>An empty message.</summary>
    public ServiceBusMessage()
        : this(default(ReadOnlyMemory<byte>))
    {
    }

    /// <summary>A message of UTF-8 text.</summary>
    /// <param name="body">The text.</param>
    public ServiceBusMessage(string body)
        : this(BinaryData.FromString(body))
    {
    }

    /// <summary>A message of bytes.</summary>
    /// <param name="body">The bytes.</param>
    public ServiceBusMessage(ReadOnlyMemory<byte> body)
        : this(BinaryData.FromBytes(body))
    {
    }

    /// <summary>A message.</summary>
    /// <param name="body">The content.</param>
    public ServiceBusMessage(BinaryData body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Body = body;
    }

    /// <summary>The content.</summary>
    public BinaryData Body { get; set; }

    /// <summary>The id by which duplicates are found.</summary>
    public string MessageId { get; set; }

    /// <summary>The kind of content, such as <c>application/json</c>.</summary>
    public string ContentType { get; set; }

    /// <summary>What the message is about.</summary>
    public string Subject { get; set; }

    /// <summary>What the message belongs to.</summary>
    public string CorrelationId { get; set; }

    /// <summary>When the message becomes visible.</summary>
    public DateTimeOffset ScheduledEnqueueTime { get; set; }

    /// <summary>After how long it is dropped.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.MaxValue;

    /// <summary>Properties of the application.</summary>
    public IDictionary<string, object> ApplicationProperties { get; } = new Dictionary<string, object>();
}
