using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks a method or property whose value becomes a Service Bus message.</summary>
/// <param name="queueOrTopicName">The queue or topic.</param>
/// <param name="entityType">Which of the two it is.</param>
public sealed class ServiceBusOutputAttribute(string queueOrTopicName, ServiceBusEntityType entityType = ServiceBusEntityType.Queue) : OutputBindingAttribute
{
    /// <summary>The queue or topic.</summary>
    public string QueueOrTopicName { get; private set; } = queueOrTopicName;

    /// <summary>The setting that names the Service Bus namespace.</summary>
    public string? Connection { get; set; }

    /// <summary>Whether it is a queue or a topic.</summary>
    public ServiceBusEntityType EntityType { get; set; } = entityType;
}
