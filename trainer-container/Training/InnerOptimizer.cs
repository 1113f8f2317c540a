using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Trainer.Modules;
using static TorchSharp.torch;

namespace Serverless.Trainer.Training;

/// <summary>
/// The optimizer of the local steps, on whole flat tensors: a step is a few operations however many layers there are. The formulas are
/// those of <c>torch.optim</c>, and those of the reducer. On the host they are the reducer's own, which walk through memory once, piece by piece, where each of torch's
/// operations would walk through all of it: two thirds of the time for 235,000 parameters.
/// </summary>
internal abstract class InnerOptimizer : IDisposable
{
    // What torch.nn.utils.clip_grad_norm_ adds to the norm.
    private const double ClipEpsilon = 1e-6;

    private readonly double? _clipNorm;
    private readonly bool _onHost;
    private readonly KeyValuePair<string, Tensor>[] _state;

    /// <summary>Allocates the optimizer's tensors beside the parameters.</summary>
    private protected InnerOptimizer(OptimizerSpec spec, Tensor parameters, Tensor gradient, bool onHost, params string[] state)
    {
        _onHost = onHost;
        Spec = spec;
        Parameters = parameters;
        Gradient = gradient;
        _clipNorm = spec.ClipNorm;
        StateNames = state;
        _state = Array.ConvertAll(state, name => KeyValuePair.Create(name, zeros(parameters.shape, ScalarType.Float32, parameters.device).DetachFromDisposeScope()));
    }

    /// <summary>The names of the tensors that make up the state; empty for an optimizer without any.</summary>
    public IReadOnlyList<string> StateNames { get; }

    /// <summary>How it is set.</summary>
    private protected OptimizerSpec Spec { get; }

    /// <summary>The flat parameters.</summary>
    private protected Tensor Parameters { get; }

    /// <summary>The flat gradient; a step may write to it.</summary>
    private protected Tensor Gradient { get; }

    /// <summary>Makes the optimizer that a job asks for.</summary>
    /// <param name="spec">How it is set.</param>
    /// <param name="parameters">The flat parameters that it changes.</param>
    /// <param name="gradient">The flat gradient that it follows.</param>
    /// <param name="onHost">Whether they are in the host's memory, to be worked on in place; else torch's operations work on them wherever they are.</param>
    public static InnerOptimizer Create(OptimizerSpec spec, Tensor parameters, Tensor gradient, bool onHost) => spec.Type switch
    {
        OptimizerKind.Sgd => new InnerSgd(spec, parameters, gradient, onHost),
        OptimizerKind.Adam or OptimizerKind.AdamW => new InnerAdam(spec, parameters, gradient, onHost),
        _ => throw new NotSupportedException($"no optimizer {spec.Type}"),
    };

    /// <summary>Memory for what a shard's optimizer remembers, as it is before the first step.</summary>
    public ShardState NewState() => new(StateNames.ToDictionary(name => name, _ => new float[Parameters.NumberOfElements], StringComparer.Ordinal));

    /// <summary>Takes over what a shard's optimizer remembers.</summary>
    public void Load(ShardState state)
    {
        foreach (var (name, tensor) in _state)
        {
            HostTransfer.Write(state.Tensors[name], tensor);
        }
    }

    /// <summary>Gives back what the shard's optimizer remembers.</summary>
    public void Save(ShardState state)
    {
        foreach (var (name, tensor) in _state)
        {
            HostTransfer.Read(tensor, state.Tensors[name]);
        }
    }

    /// <summary>Changes the parameters by one step, and sets the gradient to zero for the next. To be called without gradients being recorded, in a dispose scope.</summary>
    /// <param name="step">The optimizer's step number for this shard, from 1.</param>
    /// <param name="learningRate">The learning rate of this step, schedule included.</param>
    public void Step(long step, double learningRate)
    {
        if (_clipNorm is { } limit)
        {
            // min(1, limit / (norm + ε)) on the device: reading the norm back would wait for it.
            var factor = Gradient.norm().add_(ClipEpsilon).reciprocal_().mul_(limit).clamp_(max: 1);
            Gradient.mul_(factor);
        }

        if (_onHost)
        {
            Apply(HostTransfer.Floats(Parameters), HostTransfer.Floats(Gradient), step, learningRate);
        }
        else
        {
            Apply(step, learningRate);
            Gradient.zero_();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, tensor) in _state)
        {
            tensor.Dispose();
        }
    }

    /// <summary>The optimizer's own formula.</summary>
    private protected abstract void Apply(long step, double learningRate);

    /// <summary>The same on memory of the host; leaves zeros in the gradient.</summary>
    private protected abstract void Apply(Span<float> parameters, Span<float> gradient, long step, double learningRate);

    /// <summary>The state tensor of this index.</summary>
    private protected Tensor State(int index) => _state[index].Value;
}
