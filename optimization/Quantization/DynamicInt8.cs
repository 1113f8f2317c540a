using Serverless.Core.Networks.Onnx;
using Serverless.Optimization.Graphs;
using static Serverless.Core.Networks.Onnx.TensorProto.Types;

namespace Serverless.Optimization.Quantization;

/// <summary>
/// Int8 without calibration: weights are signed bytes with a scale for each output, and each run finds the range of each layer's input and rounds it to unsigned bytes
/// (<c>DynamicQuantizeLinear</c>). Layers become <c>MatMulInteger</c> or <c>ConvInteger</c>; ONNX Runtime joins the nodes of a product into one.
/// </summary>
internal sealed class DynamicInt8(ModelGraph graph)
{
    private readonly List<NodeProto> _nodes = [];
    private readonly Dictionary<string, (string Value, string Scale, string Zero)> _inputs = new(StringComparer.Ordinal);

    /// <summary>Changes the graph.</summary>
    /// <returns>How many layers were changed.</returns>
    public int Apply()
    {
        var layers = 0;
        foreach (var node in graph.Proto.Node)
        {
            if (LinearLayer.Find(graph, node) is not { } layer)
            {
                _nodes.Add(node);
                continue;
            }

            Emit(layer);
            layers++;
        }

        graph.SetNodes(_nodes);
        return layers;
    }

    private void Emit(LinearLayer layer)
    {
        var name = layer.Output;
        var weights = QuantizedWeights.Of(layer);
        var input = Quantize(layer.Input);
        string product;
        long[] perOutput;
        if (layer.IsConvolution)
        {
            var values = graph.Add($"{layer.Weights.Name}_int8", Tensors.Of<sbyte>(weights.InShapeOfWeights(), [.. layer.Weights.Dims]));
            product = Emit("ConvInteger", $"{name}_int32", [input.Value, values, input.Zero], [.. layer.Node.Attribute]);
            perOutput = [1, layer.Outputs, .. Enumerable.Repeat(1L, layer.Weights.Dims.Count - 2)];
        }
        else
        {
            var values = graph.Add($"{layer.Weights.Name}_int8", Tensors.Of<sbyte>(weights.InColumns(), layer.Inputs, layer.Outputs));
            product = Emit("MatMulInteger", $"{name}_int32", [input.Value, values, input.Zero]);
            perOutput = [layer.Outputs];
        }

        var sum = Emit("Cast", $"{name}_float", [product], OnnxAttribute.Int("to", (long)DataType.Float));
        var scales = graph.Add($"{layer.Weights.Name}_scale", Tensors.Of<float>(weights.Scales, perOutput));
        var scale = Emit("Mul", $"{name}_scale", [input.Scale, scales]);
        if (layer.Bias is not { } bias)
        {
            _nodes.Add(NodeReading.Make("Mul", name, [sum, scale]));
            return;
        }

        var scaled = Emit("Mul", $"{name}_scaled", [sum, scale]);
        var offset = layer.IsConvolution ? graph.Add($"{bias.Name}_shaped", Tensors.Of<float>(bias.Floats(), perOutput)) : bias.Name;
        _nodes.Add(NodeReading.Make("Add", name, [scaled, offset]));
    }

    private (string Value, string Scale, string Zero) Quantize(string value)
    {
        if (!_inputs.TryGetValue(value, out var quantized))
        {
            quantized = (graph.Unique($"{value}_uint8"), graph.Unique($"{value}_scale"), graph.Unique($"{value}_zero"));
            _nodes.Add(new NodeProto
            {
                Name = $"{quantized.Value}/DynamicQuantizeLinear",
                OpType = "DynamicQuantizeLinear",
                Input = { value },
                Output = { quantized.Value, quantized.Scale, quantized.Zero },
            });
            _inputs.Add(value, quantized);
        }

        return quantized;
    }

    private string Emit(string operation, string wish, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        var output = graph.Unique(wish);
        _nodes.Add(NodeReading.Make(operation, output, inputs, attributes));
        return output;
    }
}
