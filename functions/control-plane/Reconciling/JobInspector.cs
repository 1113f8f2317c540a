using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.ControlPlane.Planning;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Reconciling;

/// <summary>Finds out what a job waits for and does something about it.</summary>
public sealed partial class JobInspector(
    JobStore jobs,
    RoundStore rounds,
    ShardOwnership ownership,
    PlanHandler planning,
    Hints hints,
    SentHints sent,
    IOptions<ControlPlaneOptions> options,
    TimeProvider time,
    ILogger<JobInspector> logger)
{
    private const int OwnersAtOnce = 8;

    // Longer than any submission takes between its first blob and its spec.
    private static readonly TimeSpan SubmissionTime = TimeSpan.FromMinutes(10);

    /// <summary>Looks at a job.</summary>
    /// <returns>Its shards that want a trainer.</returns>
    public async Task<IReadOnlyList<int>> InspectAsync(string job, CancellationToken cancellation)
    {
        if (await jobs.GetStatusAsync(job, cancellation) is not { } status)
        {
            await CompleteSubmissionAsync(job, cancellation);
            return [];
        }

        if (status.IsEnded)
        {
            await jobs.RetireAsync(job, cancellation);
            return [];
        }

        if (await TryGetSpecAsync(job, cancellation) is not { } spec)
        {
            await jobs.FailAsync(job, "its spec is lost: storage came back from a crash without it; the job has to be submitted again", cancellation);
            return [];
        }

        if (status.State != JobState.Publishing && spec.Deadline is { } deadline && time.GetUtcNow() - status.Submitted > deadline)
        {
            await jobs.FailAsync(job, Overdue(status, deadline), cancellation);
            return [];
        }

        if (time.GetUtcNow() - status.Updated < options.Value.Patience)
        {
            return [];
        }

        switch (status.State)
        {
            case JobState.Submitted:
                await SendAsync($"plan {job}", () => hints.JobAsync(job, cancellation));
                return [];
            case JobState.Publishing:
                await SendAsync($"publish {job}", () => hints.PublicationAsync(job, cancellation));
                return [];
            default:
                return await InspectTrainingAsync(job, cancellation);
        }
    }

    private async Task<JobSpec?> TryGetSpecAsync(string job, CancellationToken cancellation)
    {
        try
        {
            return await jobs.GetSpecAsync(job, cancellation);
        }
        catch (JobNotFoundException)
        {
            return null;
        }
    }

    // A submission that died half-way, or storage that came back from a crash without its newest blobs.
    private async Task CompleteSubmissionAsync(string job, CancellationToken cancellation)
    {
        try
        {
            await jobs.SubmitAsync(job, await jobs.GetSpecAsync(job, cancellation), cancellation);
        }
        catch (JobNotFoundException) when (!JobId.IsValid(job) || time.GetUtcNow() - JobId.SubmittedAt(job) > SubmissionTime)
        {
            LogAbandoned(logger, job);
            await jobs.RetireAsync(job, cancellation);
        }
        catch (JobNotFoundException)
        {
            // It may be being submitted right now.
        }
    }

    private async Task<IReadOnlyList<int>> InspectTrainingAsync(string job, CancellationToken cancellation)
    {
        var latest = await rounds.LatestCheckpointAsync(job, cancellation);
        var plan = await jobs.GetPlanAsync(job, cancellation);
        if (plan is null || latest < 0)
        {
            try
            {
                plan = (await planning.EnsurePlannedAsync(job, cancellation)).Plan;
                latest = Math.Max(latest, 0);
            }
            catch (ValidationException impossible)
            {
                await jobs.FailAsync(job, impossible.Message, cancellation);
                return [];
            }
        }

        // Where not every checkpoint is written, its trainers may be some rounds further: whatever they wait for, it is a shard that nobody has.
        var isTrained = latest >= plan.Rounds;
        var missing = isTrained ? await MissingEvaluationsAsync(plan, cancellation)
            : plan.CheckpointEvery > 1 ? [.. plan.Shards.Select(shard => shard.Index)]
            : await MissingContributionsAsync(plan, latest, cancellation);
        if (missing.Count > 0)
        {
            return await WithoutOwnerAsync(plan, latest, missing, cancellation);
        }

        if (isTrained)
        {
            await SendAsync($"publish {job}", () => hints.PublicationAsync(job, cancellation));
        }
        else
        {
            await SendAsync(string.Create(CultureInfo.InvariantCulture, $"reduce {job} {latest}"), () => hints.RoundAsync(job, latest, cancellation));
        }

        return [];
    }

    private async Task<IReadOnlyList<int>> MissingContributionsAsync(JobPlan plan, int round, CancellationToken cancellation)
    {
        var there = (await rounds.ListContributionsAsync(plan.Job, round, cancellation)).Select(contribution => contribution.Shard).ToHashSet();
        return [.. plan.Shards.Select(shard => shard.Index).Where(shard => !there.Contains(shard))];
    }

    private async Task<IReadOnlyList<int>> MissingEvaluationsAsync(JobPlan plan, CancellationToken cancellation)
    {
        if (!plan.IsEvaluationDue(plan.Rounds))
        {
            return [];
        }

        var there = (await rounds.ReadEvaluationsAsync(plan.Job, plan.Rounds, cancellation)).Shards.ToHashSet();
        return [.. plan.Shards.Where(shard => shard.TestRows > 0 && !there.Contains(shard.Index)).Select(shard => shard.Index)];
    }

    private async Task<IReadOnlyList<int>> WithoutOwnerAsync(JobPlan plan, int round, IReadOnlyList<int> shards, CancellationToken cancellation)
    {
        var free = new ConcurrentBag<int>();
        var exhausted = new ConcurrentBag<(int Shard, OwnerRecord Owner)>();
        var now = time.GetUtcNow();
        await Parallel.ForEachAsync(
            shards,
            new ParallelOptions { MaxDegreeOfParallelism = OwnersAtOnce, CancellationToken = cancellation },
            async (shard, stop) =>
            {
                var owner = await ownership.ReadAsync(plan.Job, shard, stop);
                if (owner is { Trainer: not null } && owner.Expires > now)
                {
                    return;
                }

                free.Add(shard);
                if (owner is { Attempts: >= JobLimits.AttemptsPerRound } && owner.Round >= round)
                {
                    exhausted.Add((shard, owner));
                }
            });
        if (exhausted.TryPeek(out var worst))
        {
            await jobs.FailAsync(plan.Job, Exhausted(worst.Shard, worst.Owner), cancellation);
            return [];
        }

        return [.. free.Order()];
    }

    private async Task SendAsync(string hint, Func<Task> send)
    {
        if (sent.TryAdd(hint))
        {
            LogHint(logger, hint);
            await send();
        }
    }

    private static string Overdue(JobStatus status, TimeSpan deadline) => string.Create(
        CultureInfo.InvariantCulture, $"the deadline of {deadline} is over: {status.Round} of {status.Rounds} rounds were trained");

    private static string Exhausted(int shard, OwnerRecord owner) => string.Create(
        CultureInfo.InvariantCulture,
        $"shard {shard} did not get through round {owner.Round} in {owner.Attempts} attempts: its trainers died each time (the last one was {owner.Trainer}); their logs say why");

    [LoggerMessage(2320, LogLevel.Information, "Sent again: {Hint}")]
    private static partial void LogHint(ILogger logger, string hint);

    [LoggerMessage(2321, LogLevel.Warning, "Job {Job} was never submitted to the end and is dropped")]
    private static partial void LogAbandoned(ILogger logger, string job);
}
