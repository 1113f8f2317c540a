using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// Marks the parameter that receives the storage queue message that triggers the function: <see cref="string"/>, bytes, <see cref="BinaryData"/>,
/// <see cref="global::Azure.Storage.Queues.Models.QueueMessage"/> or a type its JSON becomes.
/// </summary>
/// <param name="queueName">The queue.</param>
public sealed class QueueTriggerAttribute(string queueName) : TriggerBindingAttribute
{
    /// <summary>The queue.</summary>
    public string QueueName { get; } = queueName;

    /// <summary>The setting that names the storage account, <c>AzureWebJobsStorage</c> where there is none.</summary>
    public string? Connection { get; set; }
}
