namespace Serverless.Core.Rounds;

/// <summary>A line of a job's metrics: what a shard did in a round, or, without a shard, how a checkpoint did on the test split.</summary>
public sealed record MetricsLine
{
    /// <summary>The round, or the checkpoint that was evaluated.</summary>
    public required int Round { get; init; }

    /// <summary>The shard; null for an evaluation.</summary>
    public int? Shard { get; init; }

    /// <summary>Samples trained on, or test rows looked at.</summary>
    public required long Samples { get; init; }

    /// <summary>Mean loss of a sample; null when it is not finite.</summary>
    public double? Loss { get; init; }

    /// <summary>Share of the test rows classified right; only for an evaluation.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Trainer that did it.</summary>
    public string? Trainer { get; init; }

    /// <summary>Seconds spent training.</summary>
    public double? ComputeSeconds { get; init; }

    /// <summary>Seconds spent waiting for the checkpoint before.</summary>
    public double? WaitSeconds { get; init; }

    /// <summary>When the contribution was written, or the evaluation summed up.</summary>
    public required DateTimeOffset At { get; init; }
}
