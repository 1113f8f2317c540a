using Azure;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;

namespace Serverless.Trainer.Shards;

/// <summary>
/// Renews the claims of a run, and looks whether the job has ended. On a timer of its own: a step that takes a minute costs no claim, and a cancelled job is noticed
/// within a round.
/// </summary>
/// <param name="services">Ownership, status, clock.</param>
/// <param name="job">The job.</param>
/// <param name="owned">The shards whose claims are renewed.</param>
/// <param name="round">Gives the round that is being worked on.</param>
/// <param name="end">Cancelled when the job has ended.</param>
internal sealed class Heartbeat(TrainerServices services, string job, OwnedShards owned, Func<int> round, CancellationTokenSource end)
{
    private const int AtOnce = 8;

    /// <summary>What the job ended as, when it has.</summary>
    public JobState? Ended { get; private set; }

    /// <summary>Beats until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(services.Ownership.Options.Renew, services.Time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            try
            {
                var status = LookAsync(stop);
                var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop };
                await Parallel.ForEachAsync(owned.ToArray(), options, async (shard, cancellation) => await RenewAsync(shard, cancellation));
                await status;
            }
            catch (RequestFailedException e)
            {
                // The clients have tried again already. Claims may expire meanwhile, which costs nothing but time.
                TrainerLog.HeartbeatFailed(services.Logger, e, job);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        var status = await services.Jobs.GetStatusAsync(job, cancellation);
        if (status is { IsEnded: true })
        {
            Ended = status.State;
            await end.CancelAsync();
        }
    }

    private async Task RenewAsync(OwnedShard shard, CancellationToken cancellation)
    {
        var result = await services.Ownership.RenewAsync(shard.Claim, Math.Max(0, round()), cancellation);
        shard.RequestedBy = result.RequestedBy;
        if (result.Outcome == RenewOutcome.Lost && !shard.Lost && owned.Contains(shard.Index))
        {
            TrainerLog.Lost(services.Logger, job, shard.Index);
            shard.Lost = true;
        }
    }
}
