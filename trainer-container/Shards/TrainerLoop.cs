using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Validation;

namespace Serverless.Trainer.Shards;

/// <summary>
/// A trainer's life: it looks for a shard that wants a trainer, in the queue first and then among the running jobs, works on that job to its end, and looks again. When it
/// has found nothing for a while it ends: an idle system has no trainers.
/// </summary>
/// <param name="services">What a trainer works with.</param>
/// <param name="idle">How long it looks in vain before it ends.</param>
internal sealed class TrainerLoop(TrainerServices services, TimeSpan idle)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JoinEvery = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Candidate> _candidates = new(StringComparer.Ordinal);

    /// <summary>Works until there is nothing to do.</summary>
    /// <param name="leave">Told to stop.</param>
    /// <exception cref="OperationCanceledException">It was told to stop, and has given its shards back.</exception>
    public async Task RunAsync(CancellationToken leave)
    {
        var idleSince = services.Time.GetTimestamp();
        long? lastLook = null;
        var pause = ShortestPause;
        while (true)
        {
            leave.ThrowIfCancellationRequested();
            var found = await FromQueueAsync(leave);
            if (found is null && (lastLook is not { } looked || services.Time.GetElapsedTime(looked) >= JoinEvery))
            {
                found = await FromRunningJobsAsync(leave);
                lastLook = services.Time.GetTimestamp();
            }

            if (found is { } work)
            {
                await RunAsync(work.Job, work.Claim, leave);
                (idleSince, pause) = (services.Time.GetTimestamp(), ShortestPause);
                continue;
            }

            if (_candidates.Values.Any(candidate => candidate.Balancer.IsPromised))
            {
                // Another trainer that was asked for a shard gives it between two shards of its own.
                idleSince = services.Time.GetTimestamp();
            }
            else if (services.Time.GetElapsedTime(idleSince) is var elapsed && elapsed >= idle)
            {
                TrainerLog.Idle(services.Logger, services.TrainerId, elapsed.TotalSeconds);
                return;
            }

            await Task.Delay(pause, services.Time, leave);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task RunAsync(TrainingJob job, ShardClaim claim, CancellationToken leave)
    {
        // What it waited for until now would be handed to a trainer that is busy.
        foreach (var candidate in _candidates.Values)
        {
            await candidate.Balancer.WithdrawAsync(CancellationToken.None);
        }

        JobSession session;
        try
        {
            session = await JobSession.OpenAsync(services, job, leave);
        }
        catch (Exception e) when (e is InvalidDataException or ValidationException)
        {
            TrainerLog.JobFailed(services.Logger, e, job.Id);
            await services.Jobs.FailAsync(job.Id, e.Message, leave);
            return;
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
            await services.Ownership.ReleaseAsync(claim, CancellationToken.None);
            await services.Hints.ShardAsync(job.Id, claim.Shard, CancellationToken.None);
            throw;
        }

        await using var run = new JobRun(services, session);
        await run.RunAsync(claim, leave);
        _candidates.Remove(job.Id);
    }

    private async Task<(TrainingJob Job, ShardClaim Claim)?> FromQueueAsync(CancellationToken cancellation)
    {
        while (await services.Queue.ReceiveAsync(cancellation) is { } hint)
        {
            var found = await LoadAsync(hint.Job, cancellation) is { } candidate && hint.Shard >= 0 && hint.Shard < candidate.Job.Plan.Shards.Count
                ? await ClaimAsync(candidate.Job, hint.Shard, cancellation)
                : null;

            // Claimed, in other hands, or of a job that needs nobody: the hint has done its work in any case.
            await services.Queue.SettleAsync(hint, CancellationToken.None);
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    private async Task<(TrainingJob Job, ShardClaim Claim)?> ClaimAsync(TrainingJob job, int shard, CancellationToken cancellation)
    {
        var round = Math.Max(0, await services.Rounds.LatestCheckpointAsync(job.Id, cancellation));
        return await services.Ownership.TryClaimAsync(job.Id, shard, services.TrainerId, round, CancellationToken.None) is { } claim ? (job, claim) : null;
    }

    // Hints may be lost, and shards may all be in the hands of one trainer that came first.
    private async Task<(TrainingJob Job, ShardClaim Claim)?> FromRunningJobsAsync(CancellationToken cancellation)
    {
        var active = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var job in services.Jobs.ActiveJobsAsync(cancellation))
        {
            active.Add(job);
            if (await LoadAsync(job, cancellation) is not { } candidate)
            {
                continue;
            }

            var round = Math.Max(0, await services.Rounds.LatestCheckpointAsync(job, cancellation));
            if (await IsDoneAsync(candidate.Job, round, cancellation))
            {
                candidate.Balancer.Forget();
            }
            else if (await candidate.Balancer.TryTakeAsync(_ => false, round, cancellation) is { } claim)
            {
                return (candidate.Job, claim);
            }
        }

        foreach (var gone in _candidates.Keys.Except(active).ToArray())
        {
            _candidates.Remove(gone, out var candidate);
            candidate?.Balancer.Dispose();
        }

        return null;
    }

    // Trained and evaluated, and soon published.
    private async Task<bool> IsDoneAsync(TrainingJob job, int round, CancellationToken cancellation) =>
        round == job.Plan.Rounds
        && (job.Plan.TestRows == 0 || (await services.Rounds.ReadEvaluationsAsync(job.Id, round, cancellation)).Rows >= job.Plan.TestRows);

    // Null for a job that is not running.
    private async Task<Candidate?> LoadAsync(string job, CancellationToken cancellation)
    {
        if (await services.Jobs.GetStatusAsync(job, cancellation) is not { State: JobState.Running or JobState.Submitted })
        {
            return null;
        }

        if (!_candidates.TryGetValue(job, out var candidate) && await TrainingJob.LoadAsync(services.Jobs, job, cancellation) is { } planned)
        {
            candidate = _candidates[job] = new Candidate(planned, new Balancer(services, planned));
        }

        return candidate;
    }

    private sealed record Candidate(TrainingJob Job, Balancer Balancer);
}
