using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks the parameter that receives the Service Bus message that triggers the function.</summary>
public sealed class ServiceBusTriggerAttribute : TriggerBindingAttribute, ISupportCardinality
{
    /// <summary>Listens to a queue.</summary>
    /// <param name="queueName">The queue.</param>
    public ServiceBusTriggerAttribute(string queueName) => QueueName = queueName;

    /// <summary>Listens to a subscription.</summary>
    /// <param name="topicName">The topic.</param>
    /// <param name="subscriptionName">The subscription of that topic.</param>
    public ServiceBusTriggerAttribute(string topicName, string subscriptionName)
    {
        TopicName = topicName;
        SubscriptionName = subscriptionName;
    }

    /// <summary>The setting that names the Service Bus namespace.</summary>
    public string? Connection { get; set; }

    /// <summary>The queue, null for a subscription.</summary>
    public string? QueueName { get; }

    /// <summary>The topic, null for a queue.</summary>
    public string? TopicName { get; }

    /// <summary>The subscription, null for a queue.</summary>
    public string? SubscriptionName { get; }

    /// <summary>Whether the entity has sessions.</summary>
    public bool IsSessionsEnabled { get; set; }

    /// <summary>Whether the parameter receives an array of messages.</summary>
    [DefaultValue(false)]
    public bool IsBatched { get; set; }

    /// <summary>Whether a message is completed when the function returns; host.json decides where nothing is said.</summary>
    public bool AutoCompleteMessages { get; set; }

    Cardinality ISupportCardinality.Cardinality
    {
        get => IsBatched ? Cardinality.Many : Cardinality.One;
        set => IsBatched = value == Cardinality.Many;
    }
}
