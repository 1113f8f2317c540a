using System.Text.Json;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks.Layers;

/// <summary>
/// Normalises each sample over its last dimensions, then scales and shifts every value of them. Takes and gives any shape. Parameters as in PyTorch's LayerNorm:
/// <c>weight</c> and <c>bias</c> of the normalised dimensions. Ba, Kiros and Hinton, "Layer Normalization" (2016).
/// </summary>
/// <param name="Dimensions">How many of the last dimensions are normalised together; null means all three of an image and otherwise the last one.</param>
/// <param name="Epsilon">Added to the variance.</param>
public sealed record LayerNormSpec(int? Dimensions = null, double Epsilon = 1e-5) : LayerSpec
{
    internal const string Name = "layerNorm";

    private const int MaximumDimensions = 8;

    /// <inheritdoc/>
    public override string Type => Name;

    internal static LayerNormSpec Read(LayerReader layer) => new(
        layer.Fields.OptionalWhole("dimensions", 1, MaximumDimensions),
        layer.Fields.Number("epsilon", Interval.LeftOpen(0, 1), fallback: 1e-5));

    internal override void WriteFields(Utf8JsonWriter json)
    {
        if (Dimensions is { } dimensions)
        {
            json.WriteNumber("dimensions", dimensions);
        }

        json.WriteNumber("epsilon", Epsilon);
    }

    internal override LayerNode Compile(LayerScope scope)
    {
        int rank = scope.Input.Length;
        int dimensions = Dimensions ?? (rank == 3 ? 3 : 1);
        if (dimensions > rank)
        {
            throw scope.Fail($"would normalise its last {dimensions} dimensions; legal 1..{rank}");
        }

        int[] normalised = scope.Input[^dimensions..];
        scope.Trainable("weight", normalised, InitialValues.Ones);
        scope.Trainable("bias", normalised, InitialValues.Zeros);
        return scope.Node(scope.Input, 8 * Shapes.Elements(scope.Input), this with { Dimensions = dimensions });
    }

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) => graph.Add(
        node.Name,
        "LayerNormalization",
        [input, .. graph.Parameters(node)],
        OnnxAttribute.Int("axis", -node.Parameters[0].Shape.Length),
        OnnxAttribute.Float("epsilon", Epsilon));
}
