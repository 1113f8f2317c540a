using Serverless.Core.Jobs;

namespace Serverless.Core.Rounds;

/// <summary>
/// What a reducer of one job needs of memory: the checkpoint, the mean, and a few contributions on their way. Made once and used round after round; how much it is
/// does not depend on how many shards or rounds there are. Not safe for concurrent use.
/// </summary>
public sealed class RoundMemory
{
    private const int FewestDownloads = 2;
    private const int MostDownloads = 8;

    private readonly Stack<Contribution> _free = new();
    private readonly Queue<RoundEntries> _reduced = new();
    private readonly TrainingJob _job;
    private int _made;

    /// <summary>Memory for a job's rounds.</summary>
    /// <param name="job">The job.</param>
    /// <param name="downloadBytes">Bytes that contributions on their way may take; two of them are always let through, more than eight never.</param>
    /// <param name="retainedBytes">Bytes that done rounds may take in storage while the job is running; four rounds always stay.</param>
    public RoundMemory(TrainingJob job, long downloadBytes = 64L << 20, long retainedBytes = 1L << 30)
    {
        ArgumentNullException.ThrowIfNull(job);
        _job = job;
        Rule = new ReductionRule(job);
        Retention = Retention.Of(job, Rule.StateNames.Count, retainedBytes);
        Checkpoint = new Checkpoint(job.Layout, Rule.StateNames);
        Mean = new WeightedMean(job.Layout.TrainableLength, job.Layout.BufferLength);
        var size = Math.Max(1, sizeof(float) * ((long)job.Layout.TrainableLength + job.Layout.BufferLength));
        Downloads = (int)Math.Clamp(downloadBytes / size, FewestDownloads, MostDownloads);
    }

    /// <summary>The newest checkpoint this process has. A trainer trains from it; reducing a round moves it on in place.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>How many contributions may be on their way at once.</summary>
    internal int Downloads { get; }

    internal ReductionRule Rule { get; }

    internal Retention Retention { get; }

    internal WeightedMean Mean { get; }

    /// <summary>The last rounds that were reduced in this memory: twice as many as lie between two checkpoints in storage, as the last of those may not have got there.</summary>
    internal IReadOnlyCollection<RoundEntries> Reduced => _reduced;

    /// <summary>When the job's status was last looked at.</summary>
    internal long? StatusLookedAt { get; set; }

    /// <summary>Deleting of old rounds that may still be going on; never fails.</summary>
    internal Task Pruning { get; set; } = Task.CompletedTask;

    /// <summary>Telling of the job's progress that may still be going on; never fails.</summary>
    internal Task Reporting { get; set; } = Task.CompletedTask;

    /// <summary>Waits until nothing that was begun in the background is going on any more.</summary>
    public async Task SettleAsync()
    {
        await Reporting;
        await Pruning;
    }

    internal void Remember(int round, IReadOnlyList<ContributionEntry> entries)
    {
        _reduced.Enqueue(new RoundEntries(round, entries));
        while (_reduced.Count > 2 * _job.Plan.CheckpointEvery)
        {
            _reduced.Dequeue();
        }
    }

    internal Contribution Rent()
    {
        if (_free.TryPop(out var contribution))
        {
            return contribution;
        }

        return ++_made <= Downloads
            ? new Contribution(_job.Layout, _job.Spec.Compression)
            : throw new InvalidOperationException($"More than {Downloads} contributions are on their way.");
    }

    internal void Return(Contribution contribution) => _free.Push(contribution);
}
