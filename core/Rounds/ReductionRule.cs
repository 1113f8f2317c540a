using Serverless.Core.Jobs;

namespace Serverless.Core.Rounds;

/// <summary>How a job's mean contribution becomes the next checkpoint: its optimizer with one local step, its outer optimizer with more.</summary>
public sealed class ReductionRule
{
    private const string Momentum = "momentum";
    private const string Mean = "adamMean";
    private const string Square = "adamSquare";

    private readonly JobSpec _spec;
    private readonly long _totalSteps;
    private readonly MagnitudePruning? _pruning;

    /// <summary>The rule of a job.</summary>
    public ReductionRule(TrainingJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        _spec = job.Spec;
        _totalSteps = job.Plan.TotalSteps;
        _pruning = MagnitudePruning.Of(job);
        StateNames = _spec.LocalSteps == 1 ? NamesOf(_spec.Optimizer) : NamesOf(_spec.Outer);
    }

    /// <summary>Names of the optimizer's state tensors, each as long as the trainable parameters.</summary>
    public IReadOnlyList<string> StateNames { get; }

    /// <summary>Turns a checkpoint, in place, into the next one.</summary>
    /// <param name="checkpoint">Checkpoint r with its state; becomes r + 1.</param>
    /// <param name="trainable">Mean gradient or delta of round r; used as scratch memory.</param>
    /// <param name="buffers">Mean buffers of round r.</param>
    public void Apply(Checkpoint checkpoint, Span<float> trainable, ReadOnlySpan<float> buffers)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (checkpoint.Round < 0 || !checkpoint.HasState)
        {
            throw new InvalidOperationException("The checkpoint has not been read with the optimizer's state.");
        }

        var round = checkpoint.Round;

        // Neither the old nor the new one while it is being changed.
        checkpoint.Invalidate();
        if (_pruning?.HasBegun(round) == true)
        {
            _pruning.Freeze(checkpoint.Trainable, trainable);
            foreach (var state in checkpoint.OptimizerState.Values)
            {
                _pruning.Freeze(checkpoint.Trainable, state);
            }
        }

        if (_spec.LocalSteps == 1)
        {
            ApplyOptimizer(checkpoint, trainable, round);
        }
        else
        {
            ApplyOuter(checkpoint, trainable, round);
        }

        _pruning?.Apply(round + 1, checkpoint.Trainable);
        buffers.CopyTo(checkpoint.Buffers);
        checkpoint.Round = round + 1;
        checkpoint.HasState = true;
    }

    private static IReadOnlyList<string> NamesOf(OptimizerSpec spec) => spec.Type switch
    {
        OptimizerKind.Sgd => spec.Momentum == 0 ? [] : [Momentum],
        _ => [Mean, Square],
    };

    private static IReadOnlyList<string> NamesOf(OuterSpec spec) => spec.Type switch
    {
        OuterKind.Average => [],
        OuterKind.Adam => [Mean, Square],
        _ => spec.Momentum == 0 ? [] : [Momentum],
    };

    private void ApplyOptimizer(Checkpoint checkpoint, Span<float> gradient, int round)
    {
        var optimizer = _spec.Optimizer;
        if (optimizer.ClipNorm is { } maximum)
        {
            Optimizers.ClipNorm(gradient, maximum);
        }

        var rate = optimizer.LearningRate * _spec.Schedule.FactorAt(round, _totalSteps);
        if (optimizer.Type == OptimizerKind.Sgd)
        {
            Optimizers.Sgd(
                checkpoint.Trainable,
                gradient,
                StateOf(checkpoint, Momentum),
                (float)rate,
                (float)optimizer.Momentum,
                optimizer.Nesterov,
                (float)optimizer.WeightDecay);
            return;
        }

        Optimizers.Adam(
            checkpoint.Trainable,
            gradient,
            StateOf(checkpoint, Mean),
            StateOf(checkpoint, Square),
            round + 1L,
            rate,
            optimizer.Beta1,
            optimizer.Beta2,
            optimizer.Epsilon,
            optimizer.WeightDecay,
            decoupled: optimizer.Type == OptimizerKind.AdamW);
    }

    private void ApplyOuter(Checkpoint checkpoint, Span<float> delta, int round)
    {
        var outer = _spec.Outer;
        if (outer.Type == OuterKind.Adam)
        {
            Optimizers.Adam(
                checkpoint.Trainable,
                delta,
                StateOf(checkpoint, Mean),
                StateOf(checkpoint, Square),
                round + 1L,
                outer.LearningRate,
                outer.Beta1,
                outer.Beta2,
                outer.Epsilon,
                weightDecay: 0,
                decoupled: false);
            return;
        }

        var averaging = outer.Type == OuterKind.Average;
        Optimizers.Sgd(
            checkpoint.Trainable,
            delta,
            StateOf(checkpoint, Momentum),
            averaging ? 1 : (float)outer.LearningRate,
            averaging ? 0 : (float)outer.Momentum,
            outer.Type == OuterKind.Nesterov,
            weightDecay: 0);
    }

    private static Span<float> StateOf(Checkpoint checkpoint, string name) =>
        checkpoint.OptimizerState.TryGetValue(name, out var values) ? values : default(Span<float>);
}
