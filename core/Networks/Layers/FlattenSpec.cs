using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Networks.Layers;

/// <summary>Makes one row of all of a sample's values, in order. Takes any shape, gives [elements].</summary>
public sealed record FlattenSpec : LayerSpec
{
    internal const string Name = "flatten";

    /// <inheritdoc/>
    public override string Type => Name;

    internal override LayerNode Compile(LayerScope scope) => scope.Node([(int)Shapes.Elements(scope.Input)], flopsPerSample: 0);

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) =>
        node.Input.Length == 1 ? input : graph.Add(node.Name, "Flatten", [input], OnnxAttribute.Int("axis", 1));
}
