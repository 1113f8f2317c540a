using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Serverless.Trainer.Tests.Training;

/// <summary>Plain training in one process, as one writes it by hand: a tensor for each parameter, no flat memory, no rounds.</summary>
internal sealed class SingleProcess : IDisposable
{
    private readonly Network _network;
    private readonly Dictionary<string, Tensor> _parameters;

    public SingleProcess(Network network, float[] initial)
    {
        _network = network;
        _parameters = network.Layout.Slots.ToDictionary(slot => slot.Name, slot => Parameter(slot, initial));
    }

    public void Step((float[] Features, long[] Classes) batch, double learningRate)
    {
        using var scope = NewDisposeScope();
        var rows = batch.Classes.Length;
        var input = tensor(batch.Features).view([rows, .. _network.FirstLayerShape.Select(size => (long)size)]);
        var output = _network.Layers.Aggregate(input, Forward);
        functional.cross_entropy(output, tensor(batch.Classes)).backward();
        using var noGrad = no_grad();
        foreach (var parameter in _parameters.Values)
        {
            parameter.sub_(parameter.grad!.mul(learningRate));
            parameter.grad = null;
        }
    }

    public float[] Parameters() =>
        [.. _network.Layout.Slots.SelectMany(slot => _parameters[slot.Name].detach().contiguous().view(-1).data<float>().ToArray())];

    public void Dispose()
    {
        foreach (var parameter in _parameters.Values)
        {
            parameter.Dispose();
        }
    }

    private Tensor Forward(Tensor input, LayerNode node) => node.Spec switch
    {
        LinearSpec => functional.linear(input, _parameters[$"{node.Name}.weight"], _parameters[$"{node.Name}.bias"]),
        Conv2dSpec spec => functional.conv2d(
            input, _parameters[$"{node.Name}.weight"], _parameters[$"{node.Name}.bias"], padding: [spec.Padding.Height, spec.Padding.Width]),
        MaxPool2dSpec spec => functional.max_pool2d(input, spec.Kernel.Height),
        ReluSpec => functional.relu(input),
        FlattenSpec => input.flatten(1),
        _ => throw new NotSupportedException(node.Spec.Type),
    };

    private static Tensor Parameter(ParameterSlot slot, float[] initial) =>
        tensor(slot.Of<float>(initial).ToArray()).view([.. slot.Shape.Select(size => (long)size)]).clone().requires_grad_();
}
