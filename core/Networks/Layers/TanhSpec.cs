using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Networks.Layers;

/// <summary>The hyperbolic tangent.</summary>
public sealed record TanhSpec : ActivationSpec
{
    internal const string Name = "tanh";

    /// <inheritdoc/>
    public override string Type => Name;

    private protected override int FlopsPerValue => 4;

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) => graph.Add(node.Name, "Tanh", [input]);
}
