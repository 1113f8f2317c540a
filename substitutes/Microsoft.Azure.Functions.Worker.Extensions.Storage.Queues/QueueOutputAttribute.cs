using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks a method or property whose value becomes a storage queue message.</summary>
/// <param name="queueName">The queue.</param>
public sealed class QueueOutputAttribute(string queueName) : OutputBindingAttribute
{
    /// <summary>The queue.</summary>
    public string QueueName { get; } = queueName;

    /// <summary>The setting that names the storage account, <c>AzureWebJobsStorage</c> where there is none.</summary>
    public string? Connection { get; set; }
}
