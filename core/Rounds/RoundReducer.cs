using Microsoft.Extensions.Logging;
using Serverless.Core.Jobs;

namespace Serverless.Core.Rounds;

/// <summary>
/// Turns the contributions of a round into the next checkpoint. The outcome depends on nothing but the checkpoint before and the contributions, which are added in the
/// order of their shards: two reducers at once write the same bytes, and one of them wins. Memory does not grow with the number of shards.
/// </summary>
public sealed class RoundReducer(RoundStore rounds, MetricsLog metrics, JobStore jobs, TimeProvider time, ILogger<RoundReducer> logger)
{
    private readonly ProgressReport _progress = new(rounds, metrics, jobs, time);

    /// <summary>Reduces a round if all its contributions are there.</summary>
    /// <param name="job">The job.</param>
    /// <param name="round">The round r; checkpoint r + 1 is its outcome.</param>
    /// <param name="memory">
    /// The job's memory. If its checkpoint is r, it is not read again; afterwards it is r + 1, unless the round was not reduced.
    /// </param>
    /// <param name="own">
    /// Contributions of this round that are in this process's memory and need not be read: only such whose writing was not lost to somebody else. Null for none.
    /// </param>
    /// <param name="cancellation">Stops the work; the memory's checkpoint is lost then.</param>
    /// <exception cref="DivergedException">A contribution or the outcome is not finite. The job is marked as failed; the checkpoint before stays.</exception>
    /// <exception cref="InvalidDataException">A blob does not fit the job. The job is marked as failed.</exception>
    public async Task<ReduceResult> ReduceAsync(
        TrainingJob job, int round, RoundMemory memory, IReadOnlyDictionary<int, Contribution>? own = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfNegative(round);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(round, job.Plan.Rounds);
        try
        {
            return await TryReduceAsync(job, round, memory, own, cancellation);
        }
        catch (Exception e) when (e is DivergedException or InvalidDataException)
        {
            RoundsLog.RoundFailed(logger, e, job.Id, round);
            await jobs.FailAsync(job.Id, e.Message, cancellation);
            throw;
        }
    }

    private async Task<ReduceResult> TryReduceAsync(
        TrainingJob job, int round, RoundMemory memory, IReadOnlyDictionary<int, Contribution>? own, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();

        // Whoever has the checkpoint is in the midst of the job. Others may be late: their round may be long done, and its contributions deleted.
        if (memory.Checkpoint.Round != round && await rounds.LatestCheckpointAsync(job.Id, cancellation) > round)
        {
            return new ReduceResult(ReduceOutcome.AlreadyDone);
        }

        var entries = await rounds.ListContributionsAsync(job.Id, round, cancellation);
        if (Missing(job.Plan.Shards.Count, entries) is { Count: > 0 } missing)
        {
            return new ReduceResult(ReduceOutcome.NotReady, missing);
        }

        // What was learnt stands in the metrics before the round counts as done; both take their time side by side.
        var reported = _progress.AppendAsync(job, round, entries, cancellation);
        var checkpoint = LoadCheckpointAsync(job, round, memory, cancellation);
        try
        {
            await new ContributionStream(rounds, job, round, memory, own).AddAllAsync(entries, cancellation);
        }
        catch (ContributionGoneException e)
        {
            return new ReduceResult(ReduceOutcome.NotReady, [e.Shard]);
        }
        finally
        {
            // Nothing may be left writing into memory that is used again.
            await Task.WhenAll(reported, checkpoint).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await reported;
        if (!await checkpoint)
        {
            return new ReduceResult(ReduceOutcome.NoCheckpoint);
        }

        var outcome = await WriteAsync(job, round, memory, entries, cancellation);
        await _progress.UpdateAsync(job, memory, entries, cancellation);
        Prune(job, memory, cancellation);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            var milliseconds = time.GetElapsedTime(began).TotalMilliseconds;
            RoundsLog.RoundReduced(logger, job.Id, round, outcome, milliseconds);
        }

        return new ReduceResult(outcome);
    }

    private async Task<ReduceOutcome> WriteAsync(TrainingJob job, int round, RoundMemory memory, IReadOnlyList<ContributionEntry> entries, CancellationToken cancellation)
    {
        var checkpoint = memory.Checkpoint;
        memory.Rule.Apply(checkpoint, memory.Mean.Trainable, memory.Mean.Buffers);
        if (!WeightedMean.IsFinite(checkpoint.Trainable) || !WeightedMean.IsFinite(checkpoint.Buffers))
        {
            checkpoint.Invalidate();
            throw new DivergedException(round, null, entries.Sum(entry => entry.LossSum) / entries.Sum(entry => entry.Samples));
        }

        if (await rounds.WriteCheckpointAsync(job.Id, checkpoint, cancellation))
        {
            return ReduceOutcome.Reduced;
        }

        // The winner's bytes hold, even if another kind of machine should have rounded differently.
        if (!await rounds.TryReadCheckpointAsync(job.Id, round + 1, checkpoint, withState: true, cancellation))
        {
            checkpoint.Invalidate();
        }

        return ReduceOutcome.AlreadyDone;
    }

    private async Task<bool> LoadCheckpointAsync(TrainingJob job, int round, RoundMemory memory, CancellationToken cancellation) =>
        memory.Checkpoint.Round == round
            ? await rounds.TryReadCheckpointStateAsync(job.Id, memory.Checkpoint, cancellation)
            : await rounds.TryReadCheckpointAsync(job.Id, round, memory.Checkpoint, withState: true, cancellation);

    private void Prune(TrainingJob job, RoundMemory memory, CancellationToken cancellation)
    {
        var retention = Retention.Of(job);
        var done = memory.Checkpoint.Round;
        if (retention.IsDue(done) && memory.Pruning.IsCompleted)
        {
            memory.Pruning = PruneAsync(job.Id, done - retention.Rounds, cancellation);
        }
    }

    private async Task PruneAsync(string job, int beforeRound, CancellationToken cancellation)
    {
        try
        {
            await rounds.PruneAsync(job, beforeRound, cancellation);
        }
        catch (Exception e) when (e is Azure.RequestFailedException or OperationCanceledException or AggregateException)
        {
            // What is left over is deleted with the next rounds.
            RoundsLog.PruningFailed(logger, e, job, beforeRound);
        }
    }

    private static List<int> Missing(int shards, IReadOnlyList<ContributionEntry> entries)
    {
        var missing = new List<int>();
        var next = 0;
        for (var shard = 0; shard < shards; shard++)
        {
            if (next < entries.Count && entries[next].Shard == shard)
            {
                next++;
            }
            else
            {
                missing.Add(shard);
            }
        }

        return missing;
    }
}
