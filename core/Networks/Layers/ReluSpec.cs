using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Networks.Layers;

/// <summary>max(x, 0).</summary>
public sealed record ReluSpec : ActivationSpec
{
    internal const string Name = "relu";

    /// <inheritdoc/>
    public override string Type => Name;

    private protected override int FlopsPerValue => 1;

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) => graph.Add(node.Name, "Relu", [input]);
}
