using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Networks.Layers;

/// <summary>x·Φ(x) with the normal distribution's own Φ, not the tanh approximation. Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016).</summary>
public sealed record GeluSpec : ActivationSpec
{
    internal const string Name = "gelu";

    /// <inheritdoc/>
    public override string Type => Name;

    private protected override int FlopsPerValue => 8;

    // Φ(x) = (1 + erf(x / √2)) / 2, spelt out: ONNX has an operator for it only from opset 20, and engines recognise and fuse this form.
    internal override string Emit(OnnxGraph graph, LayerNode node, string input)
    {
        string scaled = graph.Add(node.Name, "Div", [input, graph.Scalar(node.Name, "sqrt2", MathF.Sqrt(2))]);
        string erf = graph.Add(node.Name, "Erf", [scaled]);
        string sum = graph.Add(node.Name, "Add", [erf, graph.Scalar(node.Name, "one", 1)]);
        string product = graph.Add(node.Name, "Mul", [input, sum]);
        return graph.Add(node.Name, "Mul", [product, graph.Scalar(node.Name, "half", 0.5f)]);
    }
}
