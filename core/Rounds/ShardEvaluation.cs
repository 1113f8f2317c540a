namespace Serverless.Core.Rounds;

/// <summary>How a checkpoint did on a shard's slice of the test split.</summary>
public sealed record ShardEvaluation
{
    /// <summary>Rows looked at.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows classified right; null where labels are numbers.</summary>
    public long? Correct { get; init; }

    /// <summary>Sum of the rows' losses.</summary>
    public required double LossSum { get; init; }

    /// <summary>The first of the test rows that <see cref="Outputs"/> are of.</summary>
    public long FirstOutputRow { get; init; }

    /// <summary>The network's outputs, row by row, for those of the slice's rows that are among the first 256 of the test split; only for the last checkpoint.</summary>
    public ReadOnlyMemory<float> Outputs { get; init; }
}
