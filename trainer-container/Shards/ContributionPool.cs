using System.Collections.Concurrent;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;

namespace Serverless.Trainer.Shards;

/// <summary>Memory for contributions, used again and again. There are as many as are in use at once: those of a round, and those of the round before that are still being written.</summary>
internal sealed class ContributionPool(TrainingJob job)
{
    private readonly ConcurrentBag<Contribution> _free = [];

    /// <summary>Takes one; its contents are undefined.</summary>
    public Contribution Rent() => _free.TryTake(out var contribution) ? contribution : new Contribution(job.Layout, job.Spec.Compression);

    /// <summary>Gives one back that nobody reads or writes any more.</summary>
    public void Return(Contribution contribution) => _free.Add(contribution);
}
