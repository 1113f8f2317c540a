namespace Serverless.Inference.Configuration;

/// <summary>How requests wait for an instance and for each other.</summary>
public sealed record DynamicBatching
{
    /// <summary>Batch sizes that are run as soon as that many rows wait; empty for <c>max_batch_size</c> alone.</summary>
    public IReadOnlyList<int> PreferredBatchSize { get; init; } = [];

    /// <summary>How long the first request of a batch may be kept waiting for others while an instance is free, in microseconds.</summary>
    public long MaxQueueDelayMicroseconds { get; init; }

    /// <summary>How many priorities there are, 1 being served first; 0 for none.</summary>
    public int PriorityLevels { get; init; }

    /// <summary>The priority of requests that name none; 0 where there are no priorities.</summary>
    public int DefaultPriorityLevel { get; init; }

    /// <summary>The policy of every priority that has none of its own.</summary>
    public QueuePolicy DefaultQueuePolicy { get; init; } = new();

    /// <summary>Policies of single priorities.</summary>
    public IReadOnlyDictionary<int, QueuePolicy> PriorityQueuePolicy { get; init; } = new Dictionary<int, QueuePolicy>();
}
