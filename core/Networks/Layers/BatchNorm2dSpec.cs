using System.Text.Json;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks.Layers;

/// <summary>
/// Normalises each channel over batch and image, then scales and shifts it: by the batch's own statistics while training, by their running averages otherwise. Takes and
/// gives [channels, height, width]. Parameters and buffers as in PyTorch's BatchNorm2d: <c>weight</c>, <c>bias</c>, <c>running_mean</c>, <c>running_var</c>, each [channels];
/// without its count of batches, which only a momentum of none needs. Ioffe and Szegedy, "Batch Normalization" (2015).
/// </summary>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Momentum">The share of a new batch in the running averages.</param>
public sealed record BatchNorm2dSpec(double Epsilon = 1e-5, double Momentum = 0.1) : LayerSpec
{
    internal const string Name = "batchNorm2d";

    /// <inheritdoc/>
    public override string Type => Name;

    internal override bool NeedsImage => true;

    internal static BatchNorm2dSpec Read(LayerReader layer) => new(
        layer.Fields.Number("epsilon", Interval.LeftOpen(0, 1), fallback: 1e-5),
        layer.Fields.Number("momentum", Interval.Closed(0, 1), fallback: 0.1));

    internal override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("epsilon", Epsilon);
        json.WriteNumber("momentum", Momentum);
    }

    internal override LayerNode Compile(LayerScope scope)
    {
        ImageShape input = scope.Image();
        int[] perChannel = [input.Channels];
        scope.Trainable("weight", perChannel, InitialValues.Ones);
        scope.Trainable("bias", perChannel, InitialValues.Zeros);
        scope.Buffer("running_mean", perChannel, InitialValues.Zeros);
        scope.Buffer("running_var", perChannel, InitialValues.Ones);
        return scope.Node(scope.Input, 2 * input.Elements);
    }

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) =>
        graph.Add(node.Name, "BatchNormalization", [input, .. graph.Parameters(node)], OnnxAttribute.Float("epsilon", Epsilon));
}
