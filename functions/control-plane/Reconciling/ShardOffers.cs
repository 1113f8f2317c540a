using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.Core.Jobs;

namespace Serverless.ControlPlane.Reconciling;

/// <summary>
/// Offers shards without a living owner to trainers. Never more hints wait than there are such shards: the number of hints is what trainers are scaled by. Those sent here die
/// by themselves when nobody comes.
/// </summary>
public sealed partial class ShardOffers(Hints hints, SentHints sent, IOptions<ControlPlaneOptions> options, ILogger<ShardOffers> logger)
{
    /// <summary>Sends the hints that are missing.</summary>
    /// <param name="wanted">All shards that want a trainer.</param>
    /// <param name="cancellation">Stops sending.</param>
    public async Task SendAsync(IReadOnlyCollection<ShardMessage> wanted, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (wanted.Count == 0)
        {
            return;
        }

        var waiting = await hints.CountShardsAsync(cancellation);
        var missing = wanted.Count - waiting;
        foreach (var (job, shard) in wanted.OrderBy(shard => shard.Job, StringComparer.Ordinal).ThenBy(shard => shard.Shard))
        {
            if (missing <= 0)
            {
                return;
            }

            // With nothing waiting, an earlier hint was taken by somebody who did not live to use it.
            var hint = $"shard {job} {shard}";
            if (waiting == 0)
            {
                sent.Add(hint);
            }
            else if (!sent.TryAdd(hint))
            {
                continue;
            }

            LogOffered(logger, job, shard);
            await hints.ShardAsync(job, shard, options.Value.HintLifetime, cancellation);
            missing--;
        }
    }

    [LoggerMessage(2310, LogLevel.Information, "Shard {Shard} of job {Job} has no living owner and is offered again")]
    private static partial void LogOffered(ILogger logger, string job, int shard);
}
