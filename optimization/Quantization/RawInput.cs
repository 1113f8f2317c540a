using Serverless.Optimization.Graphs;
using static Serverless.Core.Networks.Onnx.TensorProto.Types;

namespace Serverless.Optimization.Quantization;

/// <summary>
/// A tensor that is an input of bytes, scaled: (byte - zero) · scale. That is what a quantized tensor is, so such a one needs no rounding at all.
/// </summary>
/// <param name="Input">The model's input, of unsigned bytes.</param>
/// <param name="Scale">The scale.</param>
/// <param name="Zero">The byte that stands for 0.</param>
internal sealed record RawInput(string Input, float Scale, byte Zero)
{
    /// <summary>Finds the tensors that are made of inputs of bytes by a cast and, where the model has them, a subtraction of a whole number and a multiplication.</summary>
    public static IReadOnlyDictionary<string, RawInput> FindAll(ModelGraph graph)
    {
        var found = new Dictionary<string, RawInput>(StringComparer.Ordinal);
        var bytes = graph.Proto.Input.Where(input => input.Type?.TensorType?.ElemType == (int)DataType.Uint8).Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in graph.Proto.Node)
        {
            if (node.Is("Cast") && bytes.Contains(node.Input[0]) && node.Int("to", 0) == (long)DataType.Float)
            {
                found.Add(node.Output[0], new RawInput(node.Input[0], 1, 0));
            }
            else if (node.Is("Sub", "Mul") && found.TryGetValue(node.Input[0], out var raw) && Scalar(graph, node.Input[1]) is { } number
                && (node.Is("Sub") ? raw.Minus(number) : raw.Times(number)) is { } scaled)
            {
                found.Add(node.Output[0], scaled);
            }
        }

        return found;
    }

    private RawInput? Minus(float number) => this is { Scale: 1, Zero: 0 } && number is >= 0 and <= byte.MaxValue && float.IsInteger(number) ? this with { Zero = (byte)number } : null;

    private RawInput? Times(float number) => Scale == 1 && number > 0 && float.IsNormal(number) ? this with { Scale = number } : null;

    private static float? Scalar(ModelGraph graph, string name) => graph.FloatConstant(name) is { } constant && constant.Elements() == 1 ? constant.Floats()[0] : null;
}
