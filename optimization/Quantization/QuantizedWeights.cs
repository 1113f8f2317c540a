using System.Numerics.Tensors;
using Serverless.Optimization.Graphs;

namespace Serverless.Optimization.Quantization;

/// <summary>
/// Weights of a layer as signed bytes, symmetric around zero, with a scale for each output: w ≈ scale[output] · value.
/// </summary>
internal sealed class QuantizedWeights
{
    private const int Greatest = sbyte.MaxValue;

    // A bias is stored as a whole number of input scale × weight scale; this leaves room for the sum it is added to.
    private const double GreatestBias = 1 << 30;

    private readonly sbyte[] _rows;
    private readonly LinearLayer _layer;

    private QuantizedWeights(LinearLayer layer, sbyte[] rows, float[] scales) => (_layer, _rows, Scales) = (layer, rows, scales);

    /// <summary>A scale for each output.</summary>
    public float[] Scales { get; }

    /// <summary>Rounds a layer's weights.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputScale">
    /// The scale of its input where the bias is to be a whole number of input scale × weight scale: an output whose weights are next to nothing gets a scale that its bias
    /// can be counted in. Null where the bias stays a float.
    /// </param>
    public static QuantizedWeights Of(LinearLayer layer, float? inputScale = null)
    {
        var weights = layer.Rows();
        var bias = layer.Bias?.Floats();
        var inputs = layer.Inputs;
        var rows = new sbyte[weights.Length];
        var scales = new float[layer.Outputs];
        for (var output = 0; output < layer.Outputs; output++)
        {
            var row = weights.AsSpan(output * inputs, inputs);
            var scale = Math.Abs(TensorPrimitives.MaxMagnitude<float>(row)) / Greatest;
            if (inputScale is { } unit && bias is not null)
            {
                scale = Math.Max(scale, (float)(Math.Abs(bias[output]) / (unit * GreatestBias)));
            }

            // An output without any weight: every scale says zero, but zero is no scale.
            scale = float.IsNormal(scale) ? scale : 1;
            scales[output] = scale;
            for (var i = 0; i < inputs; i++)
            {
                rows[(output * inputs) + i] = (sbyte)Math.Clamp(MathF.Round(row[i] / scale), -Greatest, Greatest);
            }
        }

        return new QuantizedWeights(layer, rows, scales);
    }

    /// <summary>The values in the shape of the layer's own weights.</summary>
    public sbyte[] InShapeOfWeights() => _layer.OutputsFirst ? _rows : ColumnsOf(_rows, _layer.Outputs, _layer.Inputs);

    /// <summary>The values with the outputs in the last dimension: <c>[inputs, outputs]</c>.</summary>
    public sbyte[] InColumns() => ColumnsOf(_rows, _layer.Outputs, _layer.Inputs);

    private static sbyte[] ColumnsOf(sbyte[] rows, int outputs, int inputs)
    {
        var columns = new sbyte[rows.Length];
        for (var output = 0; output < outputs; output++)
        {
            for (var input = 0; input < inputs; input++)
            {
                columns[(input * outputs) + output] = rows[(output * inputs) + input];
            }
        }

        return columns;
    }
}
