using Microsoft.Extensions.Logging;
using Serverless.Core.Jobs;

namespace Serverless.Core.Rounds;

/// <summary>Deletes what done rounds of a running job have left, in the background.</summary>
internal sealed class OldRounds(RoundStore rounds, ILogger logger)
{
    /// <summary>Begins deleting if it is time to and no deleting is going on.</summary>
    /// <param name="job">The job.</param>
    /// <param name="done">The newest checkpoint in storage.</param>
    /// <param name="memory">Holds what goes on.</param>
    /// <param name="cancellation">Stops it.</param>
    public void Prune(TrainingJob job, int done, RoundMemory memory, CancellationToken cancellation)
    {
        if (memory.Retention.IsDue(done) && memory.Pruning.IsCompleted)
        {
            memory.Pruning = PruneAsync(job.Id, done - memory.Retention.Rounds, cancellation);
        }
    }

    private async Task PruneAsync(string job, int beforeRound, CancellationToken cancellation)
    {
        try
        {
            await rounds.PruneAsync(job, beforeRound, cancellation);
        }
        catch (Exception e)
        {
            // Whatever it was: what is left over is deleted with the next rounds.
            RoundsLog.PruningFailed(logger, e, job, beforeRound);
        }
    }
}
