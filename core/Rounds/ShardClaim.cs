using Azure;

namespace Serverless.Core.Rounds;

/// <summary>A trainer's claim on a shard. Renewing it from a timer while it is given back elsewhere is safe: changes wait for each other.</summary>
public sealed class ShardClaim
{
    internal ShardClaim(string job, int shard, OwnerRecord record, ETag tag)
    {
        Job = job;
        Shard = shard;
        Record = record;
        Tag = tag;
    }

    /// <summary>The job.</summary>
    public string Job { get; }

    /// <summary>The shard.</summary>
    public int Shard { get; }

    /// <summary>The owner blob as this trainer last wrote it.</summary>
    public OwnerRecord Record { get; internal set; }

    /// <summary>How many owners have begun the present round, this one included. Beyond <see cref="Jobs.JobLimits.AttemptsPerRound"/> there is something wrong with the shard, not with its owners.</summary>
    public int Attempts => Record.Attempts;

    internal ETag Tag { get; set; }

    internal SemaphoreSlim Gate { get; } = new(1, 1);
}
