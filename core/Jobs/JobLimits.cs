using Serverless.Core.Storage;

namespace Serverless.Core.Jobs;

/// <summary>The legal ranges of a job's numbers.</summary>
public static class JobLimits
{
    /// <summary>Longest job spec as JSON, in bytes. A queue message is limited to 48 KiB by the queue itself.</summary>
    public const int SpecBytes = 1 << 20;

    /// <summary>Most shards of a job.</summary>
    public const int Shards = 1024;

    /// <summary>Most rows of a shard's batch.</summary>
    public const int BatchSize = 65_536;

    /// <summary>Most rounds of a job: names of rounds have five digits.</summary>
    public const int Rounds = JobBlobs.MaximumRound;

    /// <summary>Most passes over the data.</summary>
    public const int Epochs = 100_000;

    /// <summary>Most local steps of a round.</summary>
    public const int LocalSteps = 10_000;

    /// <summary>Greatest seed: the greatest whole number that every JSON reader keeps exactly.</summary>
    public const long Seed = (1L << 53) - 1;

    /// <summary>Most characters of a job's display name.</summary>
    public const int NameLength = 100;

    /// <summary>How often a shard's round is tried by new owners before the job fails.</summary>
    public const int AttemptsPerRound = 20;

    /// <summary>Shortest deadline.</summary>
    public static TimeSpan ShortestDeadline { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest deadline.</summary>
    public static TimeSpan LongestDeadline { get; } = TimeSpan.FromDays(30);
}
