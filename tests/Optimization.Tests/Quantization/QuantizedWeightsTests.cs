using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Networks.Onnx;
using Serverless.Optimization.Graphs;
using Serverless.Optimization.Quantization;

namespace Serverless.Optimization.Tests.Quantization;

public sealed class QuantizedWeightsTests
{
    [Fact]
    public void Of_AnyWeights_AreOffByHalfAScaleAtMost() =>
        Prop.ForAll<NormalFloat[], bool>((numbers, outputsFirst) =>
        {
            const int Outputs = 3;
            float[] weights = [.. numbers.Select(number => (float)(number.Get % 1e6)), .. new float[Outputs]];
            weights = weights[..(weights.Length / Outputs * Outputs)];
            var layer = Layer(weights, Outputs, outputsFirst, bias: null);

            var quantized = QuantizedWeights.Of(layer);

            var values = quantized.InShapeOfWeights();
            for (var i = 0; i < weights.Length; i++)
            {
                var scale = quantized.Scales[outputsFirst ? i / layer.Inputs : i % Outputs];
                Assert.InRange(Math.Abs(weights[i] - ((double)values[i] * scale)), 0, scale * 0.501);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_WeightsThatAreNextToNothing_HaveAScaleInWhichTheBiasCanBeCounted()
    {
        var layer = Layer([1e-20f, 1e-20f, 1, 1], 2, outputsFirst: true, bias: [5, 5]);

        var quantized = QuantizedWeights.Of(layer, inputScale: 0.01f);

        Assert.All(quantized.Scales, scale => Assert.InRange(5 / (scale * 0.01), 1, int.MaxValue));
        Assert.Equal<sbyte>([0, 0, 127, 127], quantized.InShapeOfWeights());
    }

    [Fact]
    public void InColumns_OutputsFirst_AreTurned() =>
        Assert.Equal<sbyte>([127, 127, 0, -127], QuantizedWeights.Of(Layer([2, 0, 7, -7], 2, outputsFirst: true, bias: null)).InColumns());

    private static LinearLayer Layer(float[] weights, int outputs, bool outputsFirst, float[]? bias)
    {
        long inputs = weights.Length / outputs;
        long[] shape = outputsFirst ? [outputs, inputs] : [inputs, outputs];
        return new LinearLayer(
            new NodeProto { OpType = "Gemm" }, Tensors.Of<float>(weights, shape), bias is null ? null : Tensors.Of<float>(bias, bias.Length), outputs, outputsFirst);
    }
}
