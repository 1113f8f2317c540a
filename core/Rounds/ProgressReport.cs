using Serverless.Core.Jobs;

namespace Serverless.Core.Rounds;

/// <summary>Tells users how far a job is: a line a shard and round in the metrics, and the job's status once a second, at evaluations and at the end.</summary>
internal sealed class ProgressReport(RoundStore rounds, MetricsLog metrics, JobStore jobs, TimeProvider time)
{
    // How much of a new speed goes into the one shown.
    private const double Smoothing = 0.5;

    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(1);

    /// <summary>Appends the lines of rounds whose contributions are all there.</summary>
    public Task AppendAsync(TrainingJob job, IEnumerable<RoundEntries> rounds, CancellationToken cancellation) =>
        metrics.AppendAsync(job.Id, rounds.SelectMany(round => round.Entries.Select(entry => LineOf(round.Round, entry))), cancellation);

    /// <summary>Brings the status up to a checkpoint, if it is time to.</summary>
    public async Task UpdateAsync(TrainingJob job, int done, RoundMemory memory, IReadOnlyList<ContributionEntry> entries, CancellationToken cancellation)
    {
        var evaluated = done - 1;
        var isEvaluated = job.Plan.IsEvaluationDue(evaluated);
        var isLast = done == job.Plan.Rounds;
        if (done < 0 || !(isEvaluated || isLast || memory.StatusLookedAt is not { } looked || time.GetElapsedTime(looked) >= StatusInterval))
        {
            return;
        }

        memory.StatusLookedAt = time.GetTimestamp();
        var evaluation = isEvaluated ? await EvaluationAsync(job, evaluated, cancellation) : null;
        await jobs.UpdateStatusAsync(
            job.Id,
            status => status.Round >= done || (!isEvaluated && !isLast && time.GetUtcNow() - status.Updated < StatusInterval)
                ? null
                : Next(status, job.Plan, done, entries, evaluation),
            cancellation);
    }

    private static MetricsLine LineOf(int round, ContributionEntry entry)
    {
        var loss = entry.LossSum / Math.Max(1, entry.Samples);
        return new MetricsLine
        {
            Round = round,
            Shard = entry.Shard,
            Samples = entry.Samples,
            Loss = double.IsFinite(loss) ? loss : null,
            Trainer = entry.Facts.Trainer,
            ComputeSeconds = entry.Facts.Compute.TotalSeconds,
            WaitSeconds = entry.Facts.Wait.TotalSeconds,
            At = entry.Written,
        };
    }

    // A shard evaluates a checkpoint before it contributes to the round that begins with it: with all contributions there, the evaluation is complete.
    private async Task<EvaluationSummary?> EvaluationAsync(TrainingJob job, int checkpoint, CancellationToken cancellation)
    {
        var summary = await rounds.ReadEvaluationsAsync(job.Id, checkpoint, cancellation);
        if (summary.Rows < job.Plan.TestRows)
        {
            return null;
        }

        await metrics.AppendEvaluationAsync(job.Id, checkpoint, summary, time.GetUtcNow(), cancellation);
        return summary;
    }

    private JobStatus Next(JobStatus status, JobPlan plan, int done, IReadOnlyList<ContributionEntry> entries, EvaluationSummary? evaluation)
    {
        var now = time.GetUtcNow();
        var samples = entries.Sum(entry => entry.Samples);
        var loss = entries.Sum(entry => entry.LossSum) / Math.Max(1, samples);
        var next = status with { Round = done, Rounds = plan.Rounds, Loss = double.IsFinite(loss) ? loss : null };
        var seconds = (now - status.Updated).TotalSeconds;
        if (seconds > 0)
        {
            var speed = (done - status.Round) * (double)samples / seconds;
            speed = status.ImagesPerSecond is { } before ? (Smoothing * speed) + ((1 - Smoothing) * before) : speed;
            var left = (plan.Rounds - done) * (double)samples / speed;
            next = next with { ImagesPerSecond = speed, Eta = left < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(left) : null };
        }

        if (evaluation is not null)
        {
            next = next with { Accuracy = evaluation.Accuracy ?? next.Accuracy, TestLoss = evaluation.MeanLoss ?? next.TestLoss };
            next = next.With(now, evaluation.Describe(done - 1));
        }

        return done == plan.Rounds ? next.With(now, $"all {plan.Rounds} rounds trained") : next;
    }
}
