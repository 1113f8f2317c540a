using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What all optimizers share.</summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    private protected readonly Dictionary<nint, OptimizerState> _state = [];

    private protected OptimizerHelper()
    {
    }

    public override void zero_grad()
    {
        foreach (var parameter in parameters())
        {
            using var gradient = parameter.grad;
            gradient?.zero_();
        }
    }

    public override IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(group => group.Parameters);

    public override void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

    /// <summary>Runs one step over each group, outside the graph and in a dispose scope.</summary>
    protected Tensor? _step<T>(Action<T> body, Func<Tensor>? loss_closure = null)
        where T : ParamGroup
    {
        Tensor? loss = null;
        if (loss_closure is not null)
        {
            using var recording = enable_grad();
            loss = loss_closure();
        }

        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in _parameter_groups)
        {
            body((T)group);
        }

        return loss;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var state in _state.Values)
            {
                (state as IDisposable)?.Dispose();
            }
        }

        _state.Clear();
    }
}
