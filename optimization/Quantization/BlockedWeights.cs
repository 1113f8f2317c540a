using System.Numerics.Tensors;
using Serverless.Core.Networks.Onnx;
using Serverless.Optimization.Graphs;

namespace Serverless.Optimization.Quantization;

/// <summary>
/// Weights of 8 or 4 bits with a scale for each block of inputs, for matrix products alone (<c>MatMulNBits</c> of ONNX Runtime): less memory to read for each answer. Inputs
/// are rounded to 8 bits block by block as the model runs, so nothing has to be calibrated.
/// </summary>
/// <param name="graph">The model.</param>
/// <param name="bits">8 or 4.</param>
/// <param name="block">Inputs that share a scale, a power of two of 16 or more.</param>
internal sealed class BlockedWeights(ModelGraph graph, int bits, int block)
{
    // Products are taken of 8-bit numbers, in ONNX Runtime's count of accuracy.
    private const int AccuracyInt8 = 4;

    /// <summary>Changes the graph.</summary>
    /// <returns>How many layers were changed.</returns>
    public int Apply()
    {
        var nodes = new List<NodeProto>(graph.Proto.Node.Count);
        var layers = 0;
        foreach (var node in graph.Proto.Node)
        {
            if (LinearLayer.Find(graph, node) is { IsConvolution: false } layer)
            {
                nodes.Add(Convert(layer));
                layers++;
            }
            else
            {
                nodes.Add(node);
            }
        }

        graph.SetNodes(nodes);
        graph.UseRuntimeDomain();
        return layers;
    }

    private NodeProto Convert(LinearLayer layer)
    {
        var (inputs, outputs) = (layer.Inputs, layer.Outputs);
        var blocks = (inputs + block - 1) / block;
        var bytes = block * bits / 8;
        var values = new byte[outputs * blocks * bytes];
        var scales = new float[outputs * blocks];
        var weights = layer.Rows();
        for (var output = 0; output < outputs; output++)
        {
            for (var b = 0; b < blocks; b++)
            {
                var index = (output * blocks) + b;
                var first = b * block;
                scales[index] = Pack(weights.AsSpan((output * inputs) + first, Math.Min(block, inputs - first)), values.AsSpan(index * bytes, bytes));
            }
        }

        var node = NodeReading.Make(
            "MatMulNBits",
            layer.Output,
            [
                layer.Input,
                graph.Add($"{layer.Weights.Name}_int{bits}", Tensors.Of<byte>(values, outputs, blocks, bytes)),
                graph.Add($"{layer.Weights.Name}_scale", Tensors.Of<float>(scales, scales.Length)),
            ],
            OnnxAttribute.Int("K", inputs),
            OnnxAttribute.Int("N", outputs),
            OnnxAttribute.Int("bits", bits),
            OnnxAttribute.Int("block_size", block),
            OnnxAttribute.Int("accuracy_level", AccuracyInt8));
        node.Domain = ModelGraph.RuntimeDomain;
        if (layer.Bias is { } bias)
        {
            // Neither zero points nor an order of the inputs.
            node.Input.AddRange(["", "", bias.Name]);
        }

        return node;
    }

    // Unsigned around the middle, the first of two 4-bit values in the lower half of a byte.
    private float Pack(ReadOnlySpan<float> weights, Span<byte> packed)
    {
        var middle = 1 << (bits - 1);
        var scale = Math.Abs(TensorPrimitives.MaxMagnitude(weights)) / (middle - 1);
        scale = float.IsNormal(scale) ? scale : 0;
        for (var i = 0; i < block; i++)
        {
            var value = i < weights.Length && scale > 0 ? (int)MathF.Round(weights[i] / scale) + middle : middle;
            if (bits == 8)
            {
                packed[i] = (byte)value;
            }
            else
            {
                packed[i / 2] |= (byte)(value << (i % 2 * 4));
            }
        }

        return scale;
    }
}
