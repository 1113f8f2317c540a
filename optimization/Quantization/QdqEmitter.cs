using Serverless.Core.Networks.Onnx;
using Serverless.Optimization.Calibration;
using Serverless.Optimization.Graphs;

namespace Serverless.Optimization.Quantization;

/// <summary>Writes the nodes of a graph anew, with pairs of <c>QuantizeLinear</c> and <c>DequantizeLinear</c> where tensors are rounded.</summary>
internal sealed class QdqEmitter(ModelGraph graph, IReadOnlyDictionary<string, RawInput> rawInputs, Func<string, ValueRange> rangeOf)
{
    private readonly List<NodeProto> _nodes = [];

    // Rounded tensors by the name of what they were, or are a rounding of.
    private readonly Dictionary<string, QuantizedTensor> _quantized = new(StringComparer.Ordinal);
    private readonly Dictionary<string, QuantizedTensor> _byValue = new(StringComparer.Ordinal);

    /// <summary>The nodes so far.</summary>
    public IReadOnlyList<NodeProto> Nodes => _nodes;

    /// <summary>Rounds what a node takes.</summary>
    public void QuantizeInputs(NodeProto node, IEnumerable<string> inputs)
    {
        foreach (var input in inputs.Distinct(StringComparer.Ordinal).ToList())
        {
            Replace(node, input, Quantize(input).Value);
        }
    }

    /// <summary>Rounds weights and bias of a layer whose input has been.</summary>
    public void QuantizeParameters(LinearLayer layer)
    {
        var inputScale = _byValue[layer.Input].Scale;
        var weights = QuantizedWeights.Of(layer, inputScale);
        var axis = layer.OutputsFirst ? 0 : 1;
        layer.Node.Input[1] = Dequantize(layer.Weights.Name, Tensors.Of<sbyte>(weights.InShapeOfWeights(), [.. layer.Weights.Dims]), weights.Scales, axis);
        if (layer.Bias is not { } bias)
        {
            return;
        }

        var scales = Array.ConvertAll(weights.Scales, scale => scale * inputScale);
        var values = bias.Floats().Zip(scales, (value, scale) => (int)Math.Round(value / (double)scale)).ToArray();
        layer.Node.Input[2] = Dequantize(bias.Name, Tensors.Of<int>(values, values.Length), scales, axis: 0);
    }

    /// <summary>Adds a node whose inputs have been seen to.</summary>
    public void Emit(NodeProto node) => _nodes.Add(node);

    /// <summary>Adds a node that computes with floats: it takes the rounded form of what has one, so that nobody needs the other.</summary>
    public void EmitOther(NodeProto node)
    {
        foreach (var input in node.Input.Distinct(StringComparer.Ordinal).ToList())
        {
            if (_quantized.TryGetValue(input, out var tensor) && !tensor.IsRaw)
            {
                Replace(node, input, tensor.Value);
            }
        }

        _nodes.Add(node);
    }

    /// <summary>Gives a node that only moves values a rounded input, if there is one.</summary>
    public bool TryQuantizeInput(NodeProto node)
    {
        if (!_quantized.ContainsKey(node.Input[0]) && !rawInputs.ContainsKey(node.Input[0]))
        {
            return false;
        }

        Replace(node, node.Input[0], Quantize(node.Input[0]).Value);
        return true;
    }

    /// <summary>Adds a node that only moves values: what it gives is rounded as what it takes.</summary>
    public void EmitPassThrough(NodeProto node)
    {
        var taken = _byValue[node.Input[0]];
        _nodes.Add(node);
        QuantizeOutput(node, taken);
    }

    /// <summary>Rounds what the last node gives.</summary>
    public void QuantizeOutput(NodeProto node)
    {
        if (!_quantized.ContainsKey(node.Output[0]))
        {
            QuantizeOutput(node, Parameters(node.Output[0], rangeOf(node.Output[0])));
        }
    }

    private void QuantizeOutput(NodeProto node, QuantizedTensor like)
    {
        var name = node.Output[0];
        var value = graph.IsOutput(name) ? name : graph.Unique($"{name}_rounded");
        if (graph.IsOutput(name))
        {
            node.Output[0] = graph.Unique($"{name}_exact");
        }

        Remember(name, Round(node.Output[0], value, like));
    }

    private QuantizedTensor Quantize(string tensor)
    {
        if (_quantized.TryGetValue(tensor, out var quantized))
        {
            return quantized;
        }

        quantized = rawInputs.TryGetValue(tensor, out var raw)
            ? FromRaw(tensor, raw)
            : Round(tensor, graph.Unique($"{tensor}_rounded"), Parameters(tensor, rangeOf(tensor)));
        Remember(tensor, quantized);
        return quantized;
    }

    private void Remember(string tensor, QuantizedTensor quantized)
    {
        _quantized.Add(tensor, quantized);
        _byValue.Add(quantized.Value, quantized);
    }

    private QuantizedTensor FromRaw(string tensor, RawInput raw)
    {
        var parameters = Parameters(tensor, raw.Scale, raw.Zero);
        var value = graph.Unique($"{tensor}_rounded");
        _nodes.Add(NodeReading.Make("DequantizeLinear", value, [raw.Input, parameters.ScaleName, parameters.ZeroName]));
        return parameters with { Value = value, IsRaw = true };
    }

    private QuantizedTensor Round(string tensor, string value, QuantizedTensor parameters)
    {
        var bytes = graph.Unique($"{tensor}_uint8");
        _nodes.Add(NodeReading.Make("QuantizeLinear", bytes, [tensor, parameters.ScaleName, parameters.ZeroName]));
        _nodes.Add(NodeReading.Make("DequantizeLinear", value, [bytes, parameters.ScaleName, parameters.ZeroName]));
        return parameters with { Value = value, IsRaw = false };
    }

    private QuantizedTensor Parameters(string tensor, ValueRange range)
    {
        var scale = (range.Maximum - range.Minimum) / byte.MaxValue;
        scale = float.IsNormal(scale) ? scale : 1;
        return Parameters(tensor, scale, (byte)Math.Clamp(MathF.Round(-range.Minimum / scale), byte.MinValue, byte.MaxValue));
    }

    private QuantizedTensor Parameters(string tensor, float scale, byte zero) =>
        new("", scale, graph.Add($"{tensor}_scale", Tensors.Scalar(scale)), graph.Add($"{tensor}_zero", Tensors.Scalar(zero)), IsRaw: false);

    private string Dequantize(string name, TensorProto values, float[] scales, int axis)
    {
        var value = graph.Unique($"{name}_rounded");
        var zeros = values.DataType == (int)TensorProto.Types.DataType.Int8 ? Tensors.Of<sbyte>(new sbyte[scales.Length], scales.Length) : Tensors.Of<int>(new int[scales.Length], scales.Length);
        _nodes.Add(NodeReading.Make(
            "DequantizeLinear",
            value,
            [graph.Add($"{name}_quantized", values), graph.Add($"{name}_scale", Tensors.Of<float>(scales, scales.Length)), graph.Add($"{name}_zero", zeros)],
            OnnxAttribute.Int("axis", axis)));
        return value;
    }

    private static void Replace(NodeProto node, string input, string by)
    {
        for (var i = 0; i < node.Input.Count; i++)
        {
            node.Input[i] = node.Input[i] == input ? by : node.Input[i];
        }
    }
}
