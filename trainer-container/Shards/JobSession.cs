using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Trainer.Evaluation;
using Serverless.Trainer.Modules;
using Serverless.Trainer.Training;

namespace Serverless.Trainer.Shards;

/// <summary>A job opened for training: its data, its network on the device, and the memory for its rounds. Made once for as long as this trainer works on the job.</summary>
internal sealed class JobSession : IAsyncDisposable
{
    private readonly TrainerServices _services;
    private readonly DatasetReader _train;
    private readonly DatasetReader? _test;
    private readonly NetworkModule _module;
    private readonly ShardTrainer _trainer;
    private readonly ShardEvaluator? _evaluator;
    private int _loaded = -1;

    private JobSession(TrainerServices services, TrainingJob job, DatasetReader train, DatasetReader? test)
    {
        (_services, Job, _train, _test) = (services, job, train, test);
        Memory = new RoundMemory(job);
        _module = new NetworkModule(job.Network, services.Device(), job.Spec.Precision == Precision.BFloat16Autocast);
        _trainer = new ShardTrainer(job, train.Manifest.Label, _module);
        _evaluator = test is null ? null : new ShardEvaluator(job, test.Manifest.Label, _module);
    }

    /// <summary>The job.</summary>
    public TrainingJob Job { get; }

    /// <summary>The newest checkpoint and what it takes to make the next one.</summary>
    public RoundMemory Memory { get; }

    /// <summary>Whether shards remember something from round to round.</summary>
    public bool KeepsState => _trainer.StateNames.Count > 0;

    /// <summary>Opens a job.</summary>
    /// <exception cref="InvalidDataException">The dataset is not the one the job was planned for, or damaged.</exception>
    public static async Task<JobSession> OpenAsync(TrainerServices services, TrainingJob job, CancellationToken cancellation)
    {
        var manifest = await services.Datasets.GetManifestAsync(job.Spec.Dataset, DatasetSplits.Train, job.Plan.DatasetSha256, cancellation);
        var testManifest = job.Plan.TestRows > 0 && manifest.Test is { } reference
            ? await services.Datasets.GetManifestAsync(job.Spec.Dataset, DatasetSplits.Test, reference.ManifestSha256, cancellation)
            : null;
        var train = services.Datasets.OpenReader(manifest, services.CacheBytes);
        var test = testManifest is null ? null : services.Datasets.OpenReader(testManifest, services.CacheBytes);
        return await services.Engine.RunAsync(() => new JobSession(services, job, train, test));
    }

    /// <summary>Makes what it takes to work on a shard.</summary>
    public OwnedShard Open(ShardClaim claim)
    {
        return new OwnedShard(claim, NewSampler(claim.Shard), NewState());
    }

    /// <summary>A reader of a shard's data.</summary>
    public ShardSampler NewSampler(int shard)
    {
        var plan = Job.Plan.Shards[shard];
        return new ShardSampler(_train, plan.FirstRow, plan.Rows, Job.Spec.BatchSize, Job.Plan.StepsPerEpoch, Job.Spec.Seed, shard);
    }

    /// <summary>Memory for what a shard's optimizer remembers; null where it remembers nothing.</summary>
    public ShardState? NewState() => _trainer.NewState();

    /// <summary>Trains a shard from a checkpoint.</summary>
    /// <param name="from">The checkpoint; must not change meanwhile.</param>
    /// <param name="sampler">The shard's data.</param>
    /// <param name="state">What its optimizer remembers; changed. Null where it remembers nothing.</param>
    /// <param name="into">Receives the contribution.</param>
    /// <param name="cancellation">Abandons the round within a step.</param>
    /// <exception cref="DivergedException">Training went to infinity.</exception>
    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    public Task TrainAsync(Checkpoint from, ShardSampler sampler, ShardState? state, Contribution into, CancellationToken cancellation) => _services.Engine.RunAsync(() =>
    {
        cancellation.ThrowIfCancellationRequested();
        Load(from);

        // With one local step and no statistics nothing but gradients comes of it, and the parameters serve the next shard too.
        var changes = Job.Spec.LocalSteps > 1 || Job.Layout.BufferLength > 0;
        _loaded = changes ? -1 : _loaded;
        _trainer.Train(from.Round, sampler.Shard, from.Trainable, sampler, state, into, cancellation);
    });

    /// <summary>Evaluates a checkpoint on a shard's slice of the test split.</summary>
    /// <param name="checkpoint">The checkpoint; must not change meanwhile.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="cancellation">Abandons it within a batch.</param>
    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    public Task<ShardEvaluation> EvaluateAsync(Checkpoint checkpoint, int shard, CancellationToken cancellation) => _services.Engine.RunAsync(() =>
    {
        cancellation.ThrowIfCancellationRequested();
        Load(checkpoint);
        var plan = Job.Plan.Shards[shard];
        using var slice = new SliceReader(_test!, plan.FirstTestRow, plan.TestRows, ShardEvaluator.BatchRows);
        return _evaluator!.Evaluate(slice, plan.FirstTestRow, keepOutputs: checkpoint.Round == Job.Plan.Rounds, cancellation);
    });

    /// <summary>Forgets which checkpoint the device holds, after the memory of one was written over.</summary>
    public void Forget() => _loaded = -1;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Memory.SettleAsync();
        await _services.Engine.RunAsync(() =>
        {
            _evaluator?.Dispose();
            _trainer.Dispose();
            _module.Dispose();
        });
        _train.Dispose();
        _test?.Dispose();
    }

    private void Load(Checkpoint checkpoint)
    {
        if (_loaded != checkpoint.Round)
        {
            _module.Parameters.Load(checkpoint.Trainable, checkpoint.Buffers);
            _loaded = checkpoint.Round;
        }
    }
}
