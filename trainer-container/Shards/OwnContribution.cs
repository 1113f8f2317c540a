using Serverless.Core.Jobs;
using Serverless.Core.Rounds;

namespace Serverless.Trainer.Shards;

/// <summary>A contribution of this trainer on its way to storage, between the evaluation that belongs before it and the shard's state that comes after it.</summary>
/// <param name="shard">The shard.</param>
/// <param name="contribution">Its contribution; must not change until <see cref="Upload"/> is done.</param>
/// <param name="facts">Who made it.</param>
/// <param name="evaluation">How the shard's slice of the test split did at the round's checkpoint, if that is due.</param>
internal sealed class OwnContribution(OwnedShard shard, Contribution contribution, BlobFacts facts, ShardEvaluation? evaluation)
{
    /// <summary>The shard. Its own <see cref="OwnedShard.Upload"/> lasts until the state is written, too.</summary>
    public OwnedShard Shard => shard;

    /// <summary>Its contribution.</summary>
    public Contribution Contribution => contribution;

    /// <summary>Who made it.</summary>
    public BlobFacts Facts => facts;

    /// <summary>The writing of the evaluation and the contribution.</summary>
    public Task Upload { get; private set; } = Task.CompletedTask;

    /// <summary>Begins to write, or begins again after storage has lost it.</summary>
    /// <param name="rounds">Where to.</param>
    /// <param name="plan">The job's plan.</param>
    /// <param name="round">The round.</param>
    /// <param name="pool">Memory to compare with what somebody else may have written.</param>
    public void Begin(RoundStore rounds, JobPlan plan, int round, ContributionPool pool)
    {
        Upload = WriteAsync(rounds, plan.Job, round, pool);
        shard.Upload = WriteStateAsync(rounds, plan, round);
    }

    private async Task WriteAsync(RoundStore rounds, string job, int round, ContributionPool pool)
    {
        if (evaluation is not null)
        {
            await rounds.WriteEvaluationAsync(job, round, shard.Index, evaluation, facts);
        }

        if (await rounds.WriteContributionAsync(job, round, shard.Index, contribution, facts))
        {
            return;
        }

        // Somebody else was faster, or an earlier try of ours got through unnoticed. The same bytes are expected; if they are not, what is stored holds.
        var stored = pool.Rent();
        var same = await rounds.TryReadContributionAsync(job, round, shard.Index, stored) is null
            || (stored.Samples == contribution.Samples
                && stored.Trainable.AsSpan().SequenceEqual(contribution.Trainable)
                && stored.Buffers.AsSpan().SequenceEqual(contribution.Buffers));
        pool.Return(stored);
        if (!same)
        {
            throw new OutOfStepException($"storage has another contribution of shard {shard.Index} to round {round}");
        }
    }

    // After the contribution, which others wait for. Who takes the shard over and does not find it computes it again.
    private async Task WriteStateAsync(RoundStore rounds, JobPlan plan, int round)
    {
        await Upload;
        if (shard.Written is { } state && plan.IsCheckpointDue(round + 1))
        {
            await rounds.WriteShardStateAsync(plan.Job, round, shard.Index, state);
        }
    }
}
