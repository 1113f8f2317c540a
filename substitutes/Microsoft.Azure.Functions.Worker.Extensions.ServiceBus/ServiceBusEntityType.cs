namespace Microsoft.Azure.Functions.Worker;

/// <summary>The kinds of Service Bus entity one can send to.</summary>
public enum ServiceBusEntityType
{
    /// <summary>A queue.</summary>
    Queue,

    /// <summary>A topic.</summary>
    Topic,
}
