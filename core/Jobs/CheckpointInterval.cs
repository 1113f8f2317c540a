using Serverless.Core.Networks;

namespace Serverless.Core.Jobs;

/// <summary>
/// How many rounds lie between two checkpoints in storage. Rounds that are quick to compute spend most of their time on storage, so they are written as seldom as a trainer
/// that takes over can compute again in about a second. A pure function of spec and network, so that all trainers agree.
/// </summary>
internal static class CheckpointInterval
{
    /// <summary>Most rounds between two checkpoints.</summary>
    public const int Most = 32;

    /// <summary>Most shards of a job whose trainers each read all contributions: with more, one that reads and writes for all is cheaper.</summary>
    public const int MostShards = 4;

    // What a slow core computes again in a second or two; gradients take about twice what the forward pass takes.
    private const double FlopsToRepeat = 5e10;
    private const double TrainingPerForward = 3;

    // The contributions in between are what everything can be computed again from: they stay in storage until then.
    private const long BytesInBetween = 256L << 20;

    /// <summary>Rounds between two checkpoints of a job.</summary>
    public static int Of(JobSpec spec, Network network)
    {
        if (spec.Aggregation != Aggregation.Trainers || spec.Shards > MostShards)
        {
            return 1;
        }

        var flops = TrainingPerForward * network.FlopsPerSample * spec.BatchSize * spec.LocalSteps;
        var bytes = sizeof(float) * (double)(network.Layout.TrainableLength + network.Layout.BufferLength) * spec.Shards;
        return (int)Math.Clamp(Math.Min(FlopsToRepeat / Math.Max(1, flops), BytesInBetween / bytes), 1, Most);
    }
}
