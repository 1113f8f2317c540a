using System.Globalization;

namespace Serverless.Trainer.Training;

/// <summary>
/// Training has left the range of float32. It would do so again in every attempt, so the job fails; the checkpoint it started from stays.
/// </summary>
internal sealed class DivergedException(int round, int shard, int step, string what, double value)
    : Exception(string.Create(
        CultureInfo.InvariantCulture,
        $"training diverged in round {round}: the {what} of shard {shard} is {value} at step {step} of the round. Checkpoint {round} is kept. A smaller learning rate, a warm-up or optimizer.clipNorm may help"))
{
    /// <summary>The round it happened in.</summary>
    public int Round => round;
}
