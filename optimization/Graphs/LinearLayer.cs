using Serverless.Core.Networks.Onnx;

namespace Serverless.Optimization.Graphs;

/// <summary>A node that multiplies its input with constant weights: y = x·W + b, or the convolution form of it.</summary>
/// <param name="Node">The node: <c>Gemm</c>, <c>MatMul</c> or <c>Conv</c>.</param>
/// <param name="Weights">The weights, <c>[outputs, inputs]</c> or <c>[inputs, outputs]</c>, for a convolution <c>[outputs, inputs of a group, …]</c>.</param>
/// <param name="Bias">A number for each output; null for none.</param>
/// <param name="Outputs">How many outputs there are.</param>
/// <param name="OutputsFirst">Whether the outputs are the weights' first dimension.</param>
internal sealed record LinearLayer(NodeProto Node, TensorProto Weights, TensorProto? Bias, int Outputs, bool OutputsFirst)
{
    /// <summary>Whether it is a convolution.</summary>
    public bool IsConvolution => Node.OpType == "Conv";

    /// <summary>The value it multiplies.</summary>
    public string Input => Node.Input[0];

    /// <summary>The value it makes.</summary>
    public string Output => Node.Output[0];

    /// <summary>Numbers that each output is a sum of.</summary>
    public int Inputs => (int)(Weights.Elements() / Outputs);

    /// <summary>Looks at a node.</summary>
    /// <returns>Null where it is anything else, where weights or bias are no float32 constants, or where it scales or transposes what it takes.</returns>
    public static LinearLayer? Find(ModelGraph graph, NodeProto node)
    {
        if (!node.Is("Gemm", "MatMul", "Conv") || graph.FloatConstant(node.InputAt(1)) is not { } weights || weights.Elements() == 0)
        {
            return null;
        }

        var bias = node.InputAt(2).Length == 0 ? null : graph.FloatConstant(node.Input[2]);
        if (node.InputAt(2).Length > 0 && bias is null)
        {
            return null;
        }

        var transposed = node.Is("Gemm") && node.Int("transB", 0) != 0;
        var first = node.Is("Conv") || transposed;
        var outputs = checked((int)weights.Dims[first ? 0 : ^1]);
        var fits = node.OpType switch
        {
            "Gemm" => weights.Dims.Count == 2 && node.Float("alpha", 1) == 1 && node.Float("beta", 1) == 1 && node.Int("transA", 0) == 0,
            "MatMul" => weights.Dims.Count == 2,
            _ => weights.Dims.Count >= 3,
        };
        return fits && (bias is null || (bias.Dims.Count == 1 && bias.Elements() == outputs)) ? new LinearLayer(node, weights, bias, outputs, first) : null;
    }

    /// <summary>The weights in rows of one output each: <c>[outputs, inputs]</c>.</summary>
    public float[] Rows()
    {
        var values = Weights.Floats();
        if (OutputsFirst)
        {
            return values;
        }

        var rows = new float[values.Length];
        var inputs = Inputs;
        for (var input = 0; input < inputs; input++)
        {
            for (var output = 0; output < Outputs; output++)
            {
                rows[(output * inputs) + input] = values[(input * Outputs) + output];
            }
        }

        return rows;
    }
}
