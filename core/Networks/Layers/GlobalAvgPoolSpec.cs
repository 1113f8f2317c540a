using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Networks.Layers;

/// <summary>The mean of each channel's whole map. Takes [channels, height, width], gives [channels]: what follows is usually linear.</summary>
public sealed record GlobalAvgPoolSpec : LayerSpec
{
    internal const string Name = "globalAvgPool";

    /// <inheritdoc/>
    public override string Type => Name;

    internal override bool NeedsImage => true;

    internal override LayerNode Compile(LayerScope scope) => scope.Node([scope.Image().Channels], scope.Image().Elements);

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) =>
        graph.Add(node.Name, "ReduceMean", [input], OnnxAttribute.Ints("axes", 2, 3), OnnxAttribute.Int("keepdims", 0));
}
