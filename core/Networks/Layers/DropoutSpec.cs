using System.Text.Json;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks.Layers;

/// <summary>While training, zeroes each value with the given probability and scales the others up to keep the mean; otherwise does nothing.</summary>
/// <param name="Probability">Of being zeroed; in [0, 1).</param>
public sealed record DropoutSpec(double Probability = 0.5) : LayerSpec
{
    internal const string Name = "dropout";

    /// <inheritdoc/>
    public override string Type => Name;

    internal static DropoutSpec Read(LayerReader layer) => new(layer.Fields.Number("probability", Interval.RightOpen(0, 1), fallback: 0.5));

    internal override void WriteFields(Utf8JsonWriter json) => json.WriteNumber("probability", Probability);

    internal override LayerNode Compile(LayerScope scope) => scope.Node(scope.Input, 2 * Shapes.Elements(scope.Input));

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) => input;
}
