namespace Serverless.Core.Rounds;

/// <summary>A contribution that was listed is not there any more: the round was done by others and deleted meanwhile, or storage lost its newest data in a crash.</summary>
internal sealed class ContributionGoneException(string job, int round, int shard) : Exception($"The contribution of shard {shard} to round {round} of job '{job}' has gone.")
{
    public int Shard { get; } = shard;
}
