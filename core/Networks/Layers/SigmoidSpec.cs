using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Networks.Layers;

/// <summary>1 / (1 + e⁻ˣ).</summary>
public sealed record SigmoidSpec : ActivationSpec
{
    internal const string Name = "sigmoid";

    /// <inheritdoc/>
    public override string Type => Name;

    private protected override int FlopsPerValue => 4;

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) => graph.Add(node.Name, "Sigmoid", [input]);
}
