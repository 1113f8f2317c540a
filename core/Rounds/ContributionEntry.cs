namespace Serverless.Core.Rounds;

/// <summary>A contribution as a listing shows it.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Samples">Samples the round's steps saw.</param>
/// <param name="LossSum">Sum of the samples' losses.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="Facts">Who wrote it.</param>
/// <param name="Written">When it was done: by its trainer's clock, or by storage's where the trainer does not say.</param>
public sealed record ContributionEntry(int Shard, long Samples, double LossSum, int Steps, BlobFacts Facts, DateTimeOffset Written)
{
    /// <summary>The entry of a contribution that is in memory.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="contribution">Its contribution.</param>
    /// <param name="facts">Who wrote it.</param>
    /// <param name="written">When it was written, where the facts do not say when it was done.</param>
    public static ContributionEntry Of(int shard, Contribution contribution, BlobFacts facts, DateTimeOffset written)
    {
        ArgumentNullException.ThrowIfNull(contribution);
        ArgumentNullException.ThrowIfNull(facts);
        return new(shard, contribution.Samples, contribution.LossSum, contribution.Steps, facts, facts.At ?? written);
    }
}
