using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Networks.Layers;

/// <summary>The largest value of each window; padding never wins.</summary>
/// <param name="Kernel">The size of the window.</param>
public sealed record MaxPool2dSpec(Size2 Kernel) : Pool2dSpec(Kernel)
{
    internal const string Name = "maxPool2d";

    /// <inheritdoc/>
    public override string Type => Name;

    internal static MaxPool2dSpec Read(LayerReader layer)
    {
        var (kernel, stride, padding) = ReadWindow(layer.Fields);
        return new MaxPool2dSpec(kernel) { Stride = stride, Padding = padding };
    }

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) => graph.Add(node.Name, "MaxPool", [input], OnnxWindow());
}
