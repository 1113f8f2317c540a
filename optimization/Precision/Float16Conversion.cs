using Serverless.Core.Networks.Onnx;
using Serverless.Optimization.Graphs;
using static Serverless.Core.Networks.Onnx.TensorProto.Types;

namespace Serverless.Optimization.Precision;

/// <summary>
/// Turns float32 into float16: constants, and every value between nodes that can compute with it. Inputs and outputs of the model stay as they are. Where a node needs the
/// other kind of number than there is, a cast is put in.
/// </summary>
internal sealed class Float16Conversion(ModelGraph graph)
{
    private const float Greatest = 65504;

    // The smallest number above zero: what is smaller, but not zero, becomes it, so that nothing is divided by zero that was not before.
    private const float Smallest = 5.9604645e-8f;

    // No float16 form in ONNX Runtime, or numbers in it that mean positions and counts rather than amounts, or a type that is said by an attribute.
    private static readonly HashSet<string> Blocked =
    [
        "ConstantOfShape", "CumSum", "DequantizeLinear", "DynamicQuantizeLinear", "EyeLike", "Max", "Min", "Multinomial", "NonMaxSuppression", "QuantizeLinear", "RandomNormal",
        "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Range", "Resize", "RoiAlign", "TopK", "Upsample",
    ];

    private readonly List<NodeProto> _nodes = [];

    // The other form of a value, by the name of the form the model came with.
    private readonly Dictionary<string, string> _halves = new(StringComparer.Ordinal);
    private readonly HashSet<string> _onlyHalf = new(StringComparer.Ordinal);

    /// <summary>Changes the graph.</summary>
    /// <returns>How many layers now compute with float16.</returns>
    /// <exception cref="InvalidDataException">Parts of the model run only for some values.</exception>
    public int Apply()
    {
        if (graph.HasControlFlow)
        {
            throw new InvalidDataException("the model has branches or loops, whose insides are not converted");
        }

        var layers = graph.Proto.Node.Count(node => LinearLayer.Find(graph, node) is not null);
        foreach (var node in graph.Proto.Node)
        {
            if (node.Domain.Length > 0 || Blocked.Contains(node.OpType))
            {
                Rewire(node, NeedFloat);
            }
            else
            {
                Rewire(node, NeedHalf);
                for (var i = 0; i < node.Output.Count; i++)
                {
                    node.Output[i] = graph.IsFloat(node.Output[i]) ? Half(node.Output[i]) : node.Output[i];
                }

                if (node.Is("Cast") && node.Int("to", 0) == (long)DataType.Float)
                {
                    node.Attribute.Single(attribute => attribute.Name == "to").I = (long)DataType.Float16;
                }
            }

            _nodes.Add(node);
        }

        foreach (var output in graph.Proto.Output)
        {
            NeedFloat(output.Name);
        }

        graph.SetNodes(_nodes);

        // They say float32.
        graph.Proto.ValueInfo.Clear();
        return layers;
    }

    private string Half(string value)
    {
        _onlyHalf.Add(value);
        return _halves[value] = graph.Unique($"{value}_half");
    }

    private string NeedFloat(string value)
    {
        if (_onlyHalf.Remove(value))
        {
            _nodes.Add(NodeReading.Make("Cast", value, [_halves[value]], OnnxAttribute.Int("to", (long)DataType.Float)));
        }

        return value;
    }

    private string NeedHalf(string value)
    {
        if (!_halves.TryGetValue(value, out var half))
        {
            if (graph.FloatConstant(value) is { } constant)
            {
                half = graph.Add($"{value}_half", Tensors.Of<Half>(Array.ConvertAll(constant.Floats(), Clip), [.. constant.Dims]));
            }
            else
            {
                half = graph.Unique($"{value}_half");
                _nodes.Add(NodeReading.Make("Cast", half, [value], OnnxAttribute.Int("to", (long)DataType.Float16)));
            }

            _halves.Add(value, half);
        }

        return half;
    }

    private void Rewire(NodeProto node, Func<string, string> form)
    {
        for (var i = 0; i < node.Input.Count; i++)
        {
            node.Input[i] = graph.IsFloat(node.Input[i]) ? form(node.Input[i]) : node.Input[i];
        }
    }

    private static Half Clip(float value) =>
        value != 0 && Math.Abs(value) < Smallest ? (Half)MathF.CopySign(Smallest, value) : (Half)Math.Clamp(value, -Greatest, Greatest);
}
