using Serverless.Core.Networks.Layers;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks;

/// <summary>
/// A network fitted to a dataset: every layer with its shapes, every parameter with its place. Made from a <see cref="NetworkSpec"/> without any torch, so that
/// planning, initialisation and export need none.
/// </summary>
public sealed class Network
{
    private Network(int[] inputShape, int[] outputShape, IReadOnlyList<LayerNode> layers, ParameterLayout layout)
    {
        InputShape = inputShape;
        OutputShape = outputShape;
        Layers = layers;
        Layout = layout;
        FlopsPerSample = SumFlops(layers);
    }

    /// <summary>The shape of one sample as the dataset has it.</summary>
    public int[] InputShape { get; }

    /// <summary>
    /// The shape the first layer takes: the dataset's, except that a grey image [height, width] becomes [1, height, width] when the network has a layer that works on images.
    /// The elements and their order are the same.
    /// </summary>
    public int[] FirstLayerShape => Layers[0].Input;

    /// <summary>The shape of one output: [outputs].</summary>
    public int[] OutputShape { get; }

    /// <summary>The layers, first to last.</summary>
    public IReadOnlyList<LayerNode> Layers { get; }

    /// <summary>The places of all parameters.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Floating point operations of the forward pass for one sample; a multiplication and an addition count as two. Training takes about three times as many.</summary>
    public long FlopsPerSample { get; }

    /// <summary>Fits a network to a dataset.</summary>
    /// <param name="spec">The layers.</param>
    /// <param name="inputShape">The shape of one sample, without the batch dimension.</param>
    /// <param name="outputs">How many values the network must give for a sample: the dataset's classes, or the width of its target.</param>
    /// <param name="path">Where the network is in the user's input, for error messages.</param>
    /// <exception cref="ValidationException">A layer cannot take what the layer before it gives, the last output is not [outputs], or the network is too large.</exception>
    public static Network Compile(NetworkSpec spec, IReadOnlyList<int> inputShape, int outputs, string path = "network")
    {
        int[] input = [.. inputShape];
        if (input.Length == 0 || input.Any(size => size < 1) || Shapes.Elements(input) > LayerScope.MaximumElements)
        {
            throw new ValidationException(path, $"cannot take samples of {Shapes.Format(input)}; legal are sizes of at least 1 and 1..{LayerScope.MaximumElements} elements");
        }

        if (outputs < 1)
        {
            throw new ValidationException(path, $"cannot have {outputs} outputs; legal 1..{LinearSpec.MaximumUnits}");
        }

        if (spec.Layers.Count == 0)
        {
            throw new ValidationException($"{path}.layers", $"is empty; a list of 1..{NetworkSpec.MaximumLayers} layers is needed");
        }

        int[] first = input.Length == 2 && spec.Layers.Any(layer => layer.NeedsImage) ? [1, .. input] : input;
        ParameterLayout.Builder layout = new();
        IReadOnlyList<LayerNode> layers = LayerScope.CompileList(spec.Layers, "", path, first, outputs, layout);
        LayerNode last = layers[^1];
        if (last.Output is not [int width] || width != outputs)
        {
            throw new ValidationException(
                $"{path}.layers[{layers.Count - 1}]", $"{last.Spec.Type} ends the network with {Shapes.Format(last.Output)}, but the dataset needs {Shapes.Format([outputs])}");
        }

        return new Network(input, last.Output, layers, layout.Build());
    }

    /// <summary>The sum of the layers' costs; stays at <see cref="long.MaxValue"/> where it would not fit.</summary>
    internal static long SumFlops(IReadOnlyList<LayerNode> layers)
    {
        Int128 sum = 0;
        foreach (LayerNode layer in layers)
        {
            sum += layer.FlopsPerSample;
        }

        return (long)Int128.Min(sum, long.MaxValue);
    }
}
