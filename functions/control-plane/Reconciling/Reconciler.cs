using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Serverless.Core.Jobs;

namespace Serverless.ControlPlane.Reconciling;

/// <summary>
/// What makes lost messages and dead processes harmless: looks at every active job and sends again the hint that it waits for. Jobs that have ended are not looked at, however many there are.
/// </summary>
public sealed partial class Reconciler(JobStore jobs, JobInspector inspector, ShardOffers offers, SentHints sent, ILogger<Reconciler> logger)
{
    private const int AtOnce = 8;

    /// <summary>Looks at all active jobs once.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var wanted = new ConcurrentBag<ShardMessage>();
        await Parallel.ForEachAsync(
            jobs.ActiveJobsAsync(cancellation),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (job, stop) =>
            {
                try
                {
                    foreach (var shard in await inspector.InspectAsync(job, stop))
                    {
                        wanted.Add(new ShardMessage(job, shard));
                    }
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // One job's trouble is not the others'; it is looked at again the next time.
                    LogFailed(logger, failure, job);
                }
            });
        await offers.SendAsync(wanted, cancellation);
        sent.Forget();
    }

    [LoggerMessage(2300, LogLevel.Error, "Job {Job} could not be looked at")]
    private static partial void LogFailed(ILogger logger, Exception failure, string job);
}
