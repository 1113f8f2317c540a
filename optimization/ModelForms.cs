using Serverless.Optimization.Data;
using Serverless.Core.Models;
using Serverless.Core.Validation;
using Serverless.Optimization.Calibration;
using Serverless.Optimization.Graphs;
using Serverless.Optimization.Precision;
using Serverless.Optimization.Quantization;
using Serverless.Optimization.Sessions;

namespace Serverless.Optimization;

/// <summary>Makes the forms of one model. Calibration runs once, for all forms that need it.</summary>
/// <param name="onnx">The model as it came.</param>
/// <param name="calibration">Rows to calibrate on.</param>
/// <param name="cancellation">Ends calibration.</param>
/// <param name="device">What the forms are made for.</param>
internal sealed class ModelForms(byte[] onnx, SampleRows calibration, CancellationToken cancellation, SessionDevice device = SessionDevice.Cpu)
{
    private const int Int8Block = 128;
    private const int Int4Block = 32;

    // Scales along an axis, which all 8-bit forms need.
    private const long LeastOpset = 13;

    private readonly Lazy<byte[]> _simplified = new(() => ValueTypes.Annotate(GraphOptimizer.Simplify(onnx)));
    private CalibrationStatistics? _statistics;

    /// <summary>Makes a form.</summary>
    /// <returns>Its bytes, and how many layers were changed.</returns>
    /// <exception cref="InvalidDataException">The model has no such form.</exception>
    /// <exception cref="ValidationException">ONNX Runtime refuses it.</exception>
    public (byte[] Onnx, int? Layers) Make(ModelForm form)
    {
        if (form == ModelForm.Graph)
        {
            return (GraphOptimizer.Fuse(_simplified.Value, device), null);
        }

        var graph = ModelGraph.Parse(_simplified.Value);
        if (graph.Opset < LeastOpset)
        {
            throw new InvalidDataException($"the model's operators are of version {graph.Opset}; {LeastOpset} or more is needed");
        }

        var layers = form switch
        {
            ModelForm.Float16 => new Float16Conversion(graph).Apply(),
            ModelForm.Int8Dynamic => new DynamicInt8(graph).Apply(),
            ModelForm.Int8MinMax => Quantize(graph, CalibrationMethod.MinMax),
            ModelForm.Int8Percentile => Quantize(graph, CalibrationMethod.Percentile),
            ModelForm.Int8Entropy => Quantize(graph, CalibrationMethod.Entropy),
            ModelForm.Int8Blocks => new BlockedWeights(graph, bits: 8, Int8Block).Apply(),
            ModelForm.Int4Blocks => new BlockedWeights(graph, bits: 4, Int4Block).Apply(),
            _ => throw new NotSupportedException($"no form {form}"),
        };
        return layers > 0
            ? (GraphOptimizer.Fuse(graph.ToBytes(), device), layers)
            : throw new InvalidDataException("the model has no layer that this form is for");
    }

    private int Quantize(ModelGraph graph, CalibrationMethod method)
    {
        var quantization = new StaticInt8(graph);
        var statistics = _statistics ??= Calibrator.Run(_simplified.Value, quantization.Tensors, calibration, cancellation);
        return quantization.Apply(tensor => statistics.RangeOf(tensor, method));
    }
}
