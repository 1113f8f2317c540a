using Serverless.Core.Jobs;

namespace Serverless.Core.Rounds;

/// <summary>
/// How many done rounds of a running job stay in storage. A round needs nothing but the checkpoint it begins with (and, where it is kept, the shards' state of the
/// round before); where not every checkpoint is written, all rounds since the last one that was. The rest is for late readers and for storage that comes back from a crash without its newest data. Deleting costs a request a blob, so there is
/// a budget in bytes rather than as few rounds as possible.
/// </summary>
/// <param name="Rounds">Rounds that stay.</param>
/// <param name="Every">Rounds between two deletions.</param>
internal readonly record struct Retention(int Rounds, int Every)
{
    private const int Fewest = 4;
    private const int Most = 2000;

    /// <summary>What a job may keep.</summary>
    /// <param name="job">The job.</param>
    /// <param name="stateTensors">State tensors of the reducer's optimizer.</param>
    /// <param name="budget">Bytes that done rounds may take.</param>
    public static Retention Of(TrainingJob job, int stateTensors, long budget)
    {
        var inner = job.Spec is { LocalSteps: > 1, Optimizer.State: OptimizerState.Keep } ? job.Spec.Optimizer.Type == OptimizerKind.Sgd ? 1 : 2 : 0;
        var trainable = (long)job.Layout.TrainableLength;
        var buffers = (long)job.Layout.BufferLength;
        var shards = job.Plan.Shards.Count;
        var every = job.Plan.CheckpointEvery;
        var written = (trainable * (1 + stateTensors)) + buffers + (trainable * inner * shards);
        var perRound = sizeof(float) * (((trainable + buffers) * shards) + (written / every));
        var rounds = (int)Math.Clamp(budget / Math.Max(1, perRound), Fewest * every, Most);
        return new Retention(rounds, Math.Max(1, rounds / 4) / every * every);
    }

    /// <summary>Whether it is time to delete after this many rounds.</summary>
    public bool IsDue(int done) => done > Rounds && done % Every == 0;
}
