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
    private readonly OldRounds _oldRounds = new(rounds, logger);

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

    /// <summary>
    /// Reduces a round whose contributions are all in this process's memory: no request is made, and the outcome is in <paramref name="memory"/> alone until
    /// <see cref="PublishAsync"/>. Who has all contributions need not wait for anybody: whoever else reduces the round comes to the same bits.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="memory">The job's memory: its checkpoint is r, with the optimizer's state, and becomes r + 1.</param>
    /// <param name="entries">All contributions of round r, in the order of their shards.</param>
    /// <param name="contributions">Their contents by shard.</param>
    /// <exception cref="DivergedException">A contribution or the outcome is not finite; the memory's checkpoint is lost.</exception>
    public static void ReduceInMemory(
        TrainingJob job, RoundMemory memory, IReadOnlyList<ContributionEntry> entries, IReadOnlyDictionary<int, Contribution> contributions)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentOutOfRangeException.ThrowIfNotEqual(entries.Count, job.Plan.Shards.Count);
        var round = memory.Checkpoint.Round;
        new ContributionStream(null, job, round, memory, contributions).AddAll(entries);
        Apply(memory, entries);
        memory.Remember(round, entries);
    }

    /// <summary>
    /// Makes the checkpoint in memory known: the metrics of the rounds that led to it, then the checkpoint; then, in the background of the memory, the job's status and the
    /// deletion of old rounds. The checkpoint must not be changed before this has returned.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="memory">The job's memory, as <see cref="ReduceInMemory"/> left it.</param>
    /// <param name="stored">Completes when those contributions that this process made are stored.</param>
    /// <param name="since">The first round whose metrics are written; null for those after the checkpoint that was due before.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>Whether the checkpoint was written here, or had been there.</returns>
    public async Task<ReduceOutcome> PublishAsync(
        TrainingJob job, RoundMemory memory, Task stored, int? since = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(memory);
        var done = memory.Checkpoint.Round;
        var first = since ?? job.Plan.CheckpointBefore(done);
        RoundEntries[] reduced = [.. memory.Reduced.Where(round => round.Round >= first && round.Round < done)];
        await Task.WhenAll(stored, _progress.AppendAsync(job, reduced, cancellation));
        var written = await rounds.WriteCheckpointAsync(job.Id, memory.Checkpoint, cancellation);
        if (reduced.Length > 0)
        {
            memory.Reporting = ReportAsync(memory.Reporting, job, done, memory, reduced[^1].Entries, cancellation);
        }

        return written ? ReduceOutcome.Reduced : ReduceOutcome.AlreadyDone;
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
        var reported = _progress.AppendAsync(job, [new RoundEntries(round, entries)], cancellation);
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
        await _progress.UpdateAsync(job, memory.Checkpoint.Round, memory, entries, cancellation);
        _oldRounds.Prune(job, memory.Checkpoint.Round, memory, cancellation);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            var milliseconds = time.GetElapsedTime(began).TotalMilliseconds;
            RoundsLog.RoundReduced(logger, job.Id, round, outcome, milliseconds);
        }

        return new ReduceResult(outcome);
    }

    private async Task<ReduceOutcome> WriteAsync(TrainingJob job, int round, RoundMemory memory, IReadOnlyList<ContributionEntry> entries, CancellationToken cancellation)
    {
        Apply(memory, entries);
        var checkpoint = memory.Checkpoint;
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

    private static void Apply(RoundMemory memory, IReadOnlyList<ContributionEntry> entries)
    {
        var checkpoint = memory.Checkpoint;
        var round = checkpoint.Round;
        memory.Rule.Apply(checkpoint, memory.Mean.Trainable, memory.Mean.Buffers);
        if (!WeightedMean.IsFinite(checkpoint.Trainable) || !WeightedMean.IsFinite(checkpoint.Buffers))
        {
            checkpoint.Invalidate();
            throw new DivergedException(round, null, entries.Sum(entry => entry.LossSum) / entries.Sum(entry => entry.Samples));
        }
    }

    private async Task ReportAsync(
        Task before, TrainingJob job, int done, RoundMemory memory, IReadOnlyList<ContributionEntry> entries, CancellationToken cancellation)
    {
        await before;
        try
        {
            await _progress.UpdateAsync(job, done, memory, entries, cancellation);
            _oldRounds.Prune(job, done, memory, cancellation);
        }
        catch (Exception e)
        {
            // Whatever it was: the round is done, and the next one tells more.
            RoundsLog.ReportFailed(logger, e, job.Id, done);
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
