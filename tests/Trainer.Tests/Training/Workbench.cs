using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;
using Serverless.Trainer.Modules;
using Serverless.Trainer.Training;
using static TorchSharp.torch;

namespace Serverless.Trainer.Tests.Training;

/// <summary>All shards of a job trained one after the other and reduced in memory: rounds without trainers, messages and owners.</summary>
internal sealed class Workbench : IDisposable
{
    private readonly TrainingJob _job;
    private readonly DatasetReader _reader;
    private readonly NetworkModule _module;
    private readonly ShardSampler[] _samplers;

    public Workbench(ServerlessStorage storage, TrainingJob job, StoredDataset data)
    {
        _job = job;
        _reader = new DatasetStore(storage.Datasets).OpenReader(data.Train);
        _module = new NetworkModule(job.Network, CPU);
        Trainer = new ShardTrainer(job, data.Train.Label, _module);
        _samplers = [.. job.Plan.Shards.Select(shard =>
            new ShardSampler(_reader, shard.FirstRow, shard.Rows, job.Spec.BatchSize, job.Plan.StepsPerEpoch, job.Spec.Seed, shard.Index))];
        States = [.. job.Plan.Shards.Select(_ => Trainer.NewState())];
        Memory = new RoundMemory(job);
        Initialisation.Fill(job.Network, job.Spec.Seed, Memory.Checkpoint.Trainable, Memory.Checkpoint.Buffers);
        (Memory.Checkpoint.Round, Memory.Checkpoint.HasState) = (0, true);
    }

    public ShardTrainer Trainer { get; }

    public RoundMemory Memory { get; }

    public ShardState?[] States { get; }

    /// <summary>Trains one shard from the checkpoint in memory.</summary>
    public Contribution Train(int shard, CancellationToken cancellation = default)
    {
        var contribution = new Contribution(_job.Layout, _job.Spec.Compression);
        var checkpoint = Memory.Checkpoint;
        _module.Parameters.Load(checkpoint.Trainable, checkpoint.Buffers);
        Trainer.Train(checkpoint.Round, shard, checkpoint.Trainable, _samplers[shard], States[shard], contribution, cancellation);
        return contribution;
    }

    /// <summary>Trains all shards and reduces the round.</summary>
    public void RunRound()
    {
        var contributions = _job.Plan.Shards.ToDictionary(shard => shard.Index, shard => Train(shard.Index));
        ContributionEntry[] entries = [.. contributions.Select(entry => ContributionEntry.Of(entry.Key, entry.Value, new BlobFacts("workbench"), DateTimeOffset.UnixEpoch))];
        RoundReducer.ReduceInMemory(_job, Memory, entries, contributions);
    }

    /// <summary>The batches of all shards at a global step, as one.</summary>
    public (float[] Features, long[] Classes) JoinedBatch(long step)
    {
        var width = _job.Plan.InputShape.Aggregate(1, (a, b) => a * b);
        var features = new List<float>();
        var classes = new List<long>();
        foreach (var sampler in _samplers)
        {
            var target = new BatchTarget(new float[sampler.BatchSize * width], new long[sampler.BatchSize]);
            var rows = sampler.ReadBatchAsync(step, target).AsTask().GetAwaiter().GetResult();
            features.AddRange(target.Features.Span[..(rows * width)]);
            classes.AddRange(target.Classes.Span[..rows]);
        }

        return ([.. features], [.. classes]);
    }

    public void Dispose()
    {
        Array.ForEach(_samplers, sampler => sampler.Dispose());
        Trainer.Dispose();
        _module.Dispose();
        _reader.Dispose();
    }
}
