using System.Text.Json;
using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Networks.Layers;

/// <summary>Adds its input to what its layers make of it: y = x + f(x). Takes and gives any shape; its layers must give the shape they take. He et al. (2015).</summary>
/// <param name="Layers">The layers of f, first to last; at least one.</param>
public sealed record ResidualSpec(IReadOnlyList<LayerSpec> Layers) : LayerSpec
{
    internal const string Name = "residual";

    /// <inheritdoc/>
    public override string Type => Name;

    internal override bool NeedsImage => Layers.Any(layer => layer.NeedsImage);

    internal static ResidualSpec Read(LayerReader layer) => new(layer.ReadNested());

    /// <inheritdoc/>
    public bool Equals(ResidualSpec? other) => other is not null && Layers.SequenceEqual(other.Layers);

    /// <inheritdoc/>
    public override int GetHashCode() => Layers.Aggregate(0, HashCode.Combine);

    internal override void WriteFields(Utf8JsonWriter json) => NetworkSpec.WriteLayers(json, Layers);

    internal override LayerNode Compile(LayerScope scope)
    {
        IReadOnlyList<LayerNode> children = scope.CompileChildren(Layers);
        int[] output = children[^1].Output;
        return output.SequenceEqual(scope.Input)
            ? scope.Node(output, Network.SumFlops(children) + Shapes.Elements(output), children: children)
            : throw scope.Fail($"its layers give {Shapes.Format(output)}; they must give the shape they take, because the input is added to it");
    }

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) => graph.Add(node.Name, "Add", [graph.AddLayers(node.Children, input), input]);
}
