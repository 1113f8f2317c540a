using Serverless.Core.Jobs;
using Serverless.Core.Networks;

namespace Serverless.Benchmarks.Training;

/// <summary>What both sides train: the same network, data, batches, optimizer and number of epochs.</summary>
/// <param name="Network">The peer's name of the network.</param>
/// <param name="Preset">Ours.</param>
/// <param name="Batch">Rows of a shard's, or a rank's, batch.</param>
/// <param name="Epochs">Passes over the data.</param>
/// <param name="LearningRate">Of SGD with momentum 0.9.</param>
internal sealed record Workload(string Network, NetworkPreset Preset, int Batch, int Epochs, double LearningRate)
{
    /// <summary>Momentum of both sides' SGD.</summary>
    public const double Momentum = 0.9;

    /// <summary>Steps before the clock starts, an epoch: both sides load and compile code in the first ones.</summary>
    public const int WarmSteps = 469;

    /// <summary>The networks that the speed goals are about.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("mlp", NetworkPreset.Mlp, 64, 5, 0.05),
        new("cnn", NetworkPreset.CnnSmall, 64, 2, 0.05),
    ];

    /// <summary>Our side as a job.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="shards">Shards, as many as the peer has ranks.</param>
    /// <param name="localSteps">Steps between two meetings.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="compression">Format of the contributions.</param>
    public JobSpec Job(string dataset, int shards, int localSteps, int seed, Compression compression = Compression.None) => new()
    {
        Name = FormattableString.Invariant($"bench {Network} {localSteps}"),
        Dataset = dataset,
        Network = Preset.Network,
        Shards = shards,
        BatchSize = Batch,
        Epochs = Epochs,
        LocalSteps = localSteps,
        Seed = seed,
        Compression = compression,
        Optimizer = new OptimizerSpec { Type = OptimizerKind.Sgd, LearningRate = LearningRate, Momentum = Momentum },

        // The peer looks at the test images once, after the clock has stopped.
        EvaluateEvery = JobLimits.Rounds,
    };
}
