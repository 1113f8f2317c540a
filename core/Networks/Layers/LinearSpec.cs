using System.Text.Json;
using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Networks.Layers;

/// <summary>A fully connected layer: y = x·Wᵀ + b. Takes [features], gives [units]. Parameters as in PyTorch's Linear: <c>weight</c> [units, features], <c>bias</c> [units].</summary>
/// <param name="Units">How many values come out; null, allowed in the network's last linear layer only, leaves it to the dataset.</param>
/// <param name="Bias">Whether a learnt constant is added.</param>
public sealed record LinearSpec(int? Units = null, bool Bias = true) : LayerSpec
{
    /// <summary>The most units a layer may have.</summary>
    public const int MaximumUnits = 1 << 20;

    internal const string Name = "linear";

    /// <inheritdoc/>
    public override string Type => Name;

    internal static LinearSpec Read(LayerReader layer) =>
        new(layer.Fields.OptionalWhole("units", 1, MaximumUnits), layer.Fields.Boolean("bias", true));

    internal override void WriteFields(Utf8JsonWriter json)
    {
        if (Units is { } units)
        {
            json.WriteNumber("units", units);
        }

        json.WriteBoolean("bias", Bias);
    }

    internal override LayerNode Compile(LayerScope scope)
    {
        if (scope.Input is not [int features])
        {
            throw scope.Fail("needs a flat input [features]; put a flatten layer before it");
        }

        int units = Units ?? scope.DefaultUnits ?? throw scope.Fail($"has no units; legal 1..{MaximumUnits}, and only the network's last linear layer may leave them to the dataset");
        InitialValues initial = InitialValues.UniformByFanIn(features);
        scope.Trainable("weight", [units, features], initial);
        if (Bias)
        {
            scope.Trainable("bias", [units], initial);
        }

        return scope.Node([units], ((2L * features) - (Bias ? 0 : 1)) * units, this with { Units = units });
    }

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) =>
        graph.Add(node.Name, "Gemm", [input, .. graph.Parameters(node)], OnnxAttribute.Int("transB", 1));
}
