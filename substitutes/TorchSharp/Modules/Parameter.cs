using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A tensor that a module registers as one of its parameters when a field holds it.</summary>
public class Parameter : Tensor
{
    /// <param name="data">Becomes empty: its native tensor moves into the parameter, and the parameter takes its place in its dispose scope.</param>
    /// <param name="requires_grad">Whether backward computes its gradient.</param>
    public Parameter(Tensor data, bool requires_grad = true)
        : base(data.with_requires_grad(requires_grad).MoveHandle(), register: false)
    {
        DisposeScope.ReplaceWith(data, this);
    }
}
