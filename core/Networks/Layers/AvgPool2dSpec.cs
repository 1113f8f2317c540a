using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Networks.Layers;

/// <summary>The mean of each window. As in PyTorch's AvgPool2d, the zeros of the padding count.</summary>
/// <param name="Kernel">The size of the window.</param>
public sealed record AvgPool2dSpec(Size2 Kernel) : Pool2dSpec(Kernel)
{
    internal const string Name = "avgPool2d";

    /// <inheritdoc/>
    public override string Type => Name;

    internal static AvgPool2dSpec Read(LayerReader layer)
    {
        var (kernel, stride, padding) = ReadWindow(layer.Fields);
        return new AvgPool2dSpec(kernel) { Stride = stride, Padding = padding };
    }

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) =>
        graph.Add(node.Name, "AveragePool", [input], [.. OnnxWindow(), OnnxAttribute.Int("count_include_pad", 1)]);
}
