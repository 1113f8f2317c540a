using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Trainer.Modules;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Serverless.Trainer.Training;

/// <summary>
/// Computes contributions: a pure function of the checkpoint, the shard, the round, the job's seed and the shard's own optimizer state. Not for use by two threads
/// at once. All memory is allocated once; what a step allocates in torch is freed at its end.
/// </summary>
internal sealed class ShardTrainer : IDisposable
{
    // Looking at the loss waits for a GPU: there it is only done this often.
    private const int LossCheckSteps = 16;

    private readonly JobSpec _spec;
    private readonly JobPlan _plan;
    private readonly NetworkModule _module;
    private readonly BatchTensors _batch;
    private readonly InnerOptimizer? _optimizer;
    private readonly Tensor _lossSum;
    private readonly MagnitudePruning? _pruning;
    private readonly float[]? _maskValues;
    private readonly Tensor? _mask;
    private readonly ShardState? _fresh;
    private readonly bool _onHost;

    /// <summary>Allocates what training a job's shards takes.</summary>
    /// <param name="job">The job.</param>
    /// <param name="labels">The dataset's labels.</param>
    /// <param name="module">The network on its device; stays the caller's to dispose.</param>
    public ShardTrainer(TrainingJob job, LabelSpec labels, NetworkModule module)
    {
        (_spec, _plan, _module) = (job.Spec, job.Plan, module);
        _onHost = module.Device.type == DeviceType.CPU;
        _batch = new BatchTensors(job.Network, labels, _spec.BatchSize, module.Device);
        _optimizer = _spec.LocalSteps > 1 ? InnerOptimizer.Create(_spec.Optimizer, module.Parameters.Trainable, module.Parameters.Gradient, _onHost) : null;
        _fresh = _optimizer?.NewState();
        _lossSum = zeros([], ScalarType.Float64, module.Device).DetachFromDisposeScope();
        _pruning = _optimizer is null ? null : MagnitudePruning.Of(job);
        if (_pruning is not null)
        {
            _maskValues = new float[job.Layout.TrainableLength];
            _mask = ones(job.Layout.TrainableLength, ScalarType.Float32, module.Device).DetachFromDisposeScope();
        }
    }

    /// <summary>The tensors that a shard's optimizer remembers from round to round; none where it starts anew each round or remembers nothing.</summary>
    public IReadOnlyList<string> StateNames => _spec.Optimizer.State == OptimizerState.Keep && _optimizer is not null ? _optimizer.StateNames : [];

    /// <summary>Memory for what a shard's optimizer remembers; null where it remembers nothing.</summary>
    public ShardState? NewState() => StateNames.Count > 0 ? _optimizer!.NewState() : null;

    /// <summary>Trains a shard for one round, from the checkpoint that the module's parameters have been loaded with.</summary>
    /// <param name="round">The round.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="start">The checkpoint's trainable parameters.</param>
    /// <param name="sampler">The shard's data.</param>
    /// <param name="state">What the shard's optimizer remembers; changed. Null where it remembers nothing.</param>
    /// <param name="contribution">Receives the result.</param>
    /// <param name="cancellation">Abandons the round within a step.</param>
    /// <exception cref="DivergedException">The loss or the result is not finite.</exception>
    public void Train(int round, int shard, ReadOnlySpan<float> start, ShardSampler sampler, ShardState? state, Contribution contribution, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        if (state is null && _fresh is not null)
        {
            _fresh.Clear();
        }

        var memory = state ?? _fresh;
        Freeze(round, start, memory);
        using (no_grad())
        {
            _lossSum.zero_();
            _module.Parameters.Gradient.zero_();
            _optimizer?.Load(memory!);
        }

        (contribution.Samples, contribution.Steps) = (0, 0);
        var steps = _plan.StepsIn(round);
        for (var step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = Step(round, shard, step, sampler, memory, cancellation);
            contribution.Samples += rows;
            contribution.Steps++;
            if (_onHost || step % LossCheckSteps == LossCheckSteps - 1 || step == steps - 1)
            {
                contribution.LossSum = _lossSum.item<double>();
                ThrowUnlessFinite(contribution.LossSum, contribution, round, shard);
            }
        }

        if (_optimizer is null)
        {
            _module.Parameters.CopyGradient(contribution.Trainable);
        }
        else
        {
            _module.Parameters.SubtractFrom(start, contribution.Trainable);
            _optimizer.Save(memory!);
        }

        _module.Parameters.CopyBuffers(contribution.Buffers);
        ThrowUnlessFinite(System.Numerics.Tensors.TensorPrimitives.SumOfMagnitudes<float>(contribution.Trainable), contribution, round, shard);
        ThrowUnlessFinite(System.Numerics.Tensors.TensorPrimitives.SumOfMagnitudes<float>(contribution.Buffers), contribution, round, shard);
        contribution.Pack();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer?.Dispose();
        _batch.Dispose();
        _lossSum.Dispose();
        _mask?.Dispose();
    }

    // Pruned weights stay zero through a round's steps: their gradients are masked, and the optimizer remembers nothing of them.
    private void Freeze(int round, ReadOnlySpan<float> start, ShardState? memory)
    {
        if (_pruning?.HasBegun(round) != true)
        {
            return;
        }

        Array.Fill(_maskValues!, 1);
        _pruning.Freeze(start, _maskValues);
        HostTransfer.Write(_maskValues, _mask!);
        foreach (var values in memory!.Tensors.Values)
        {
            _pruning.Freeze(start, values);
        }
    }

    private int Step(int round, int shard, int step, ShardSampler sampler, ShardState? state, CancellationToken cancellation)
    {
        var globalStep = _plan.FirstStep(round) + step;
        var read = sampler.ReadBatchAsync(globalStep, _batch.Target, cancellation);
        var rows = read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult();
        if (rows == 0)
        {
            return 0;
        }

        using var scope = NewDisposeScope();
        var (features, labels) = _batch.OnDevice(rows);
        var output = _module.Train(features, StepSeed.Of(_spec.Seed, round, shard, step));
        var loss = LossFunction.Of(_spec.Loss, output, labels, Reduction.Mean);
        loss.backward();
        using var noGrad = no_grad();
        _lossSum.add_(loss, rows);
        if (_optimizer is not null)
        {
            if (_pruning?.HasBegun(round) == true)
            {
                _module.Parameters.Gradient.mul_(_mask!);
            }

            var rate = _spec.Optimizer.LearningRate * _spec.Schedule.FactorAt(globalStep, _plan.TotalSteps);
            _optimizer.Step(++state!.Step, rate);
        }

        return rows;
    }

    private static void ThrowUnlessFinite(double value, Contribution contribution, int round, int shard)
    {
        if (!double.IsFinite(value))
        {
            throw new DivergedException(round, shard, contribution.LossSum / contribution.Samples);
        }
    }
}
