using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Modules one after the other, known by their names or their numbers. What lies between them is disposed at once.</summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly List<nn.Module<Tensor, Tensor>> _steps = [];

    protected internal Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules)
        : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules)
        {
            append(name, module);
        }
    }

    protected internal Sequential(params nn.Module<Tensor, Tensor>[] modules)
        : base(nameof(Sequential))
    {
        foreach (var module in modules)
        {
            append(module);
        }
    }

    public int Count => _steps.Count;

    [System.Runtime.CompilerServices.IndexerName("SequentialItems")]
    public nn.IModule<Tensor, Tensor> this[int index] => _steps[index];

    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        var step = (nn.Module<Tensor, Tensor>)module;
        register_module(name, step);
        _steps.Add(step);
        return this;
    }

    public Sequential append(nn.IModule<Tensor, Tensor> module) => append(_steps.Count.ToString(), module);

    public override Tensor forward(Tensor tensor)
    {
        if (_steps.Count == 0)
        {
            return tensor.alias();
        }

        var current = _steps[0].call(tensor);
        for (var i = 1; i < _steps.Count; i++)
        {
            var next = _steps[i].call(current);
            current.Dispose();
            current = next;
        }

        return current;
    }

    // The steps are registered already; the list that holds them is none of the components.
    protected override void RegisterComponents()
    {
    }
}
