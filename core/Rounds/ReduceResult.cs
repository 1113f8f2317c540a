namespace Serverless.Core.Rounds;

/// <summary>What became of an attempt to reduce a round.</summary>
/// <param name="Outcome">What.</param>
/// <param name="Missing">Shards without a contribution when it is <see cref="ReduceOutcome.NotReady"/>.</param>
public sealed record ReduceResult(ReduceOutcome Outcome, IReadOnlyList<int> Missing)
{
    internal ReduceResult(ReduceOutcome outcome)
        : this(outcome, [])
    {
    }
}
