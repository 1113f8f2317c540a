using Serverless.Optimization.Data;
using System.Numerics.Tensors;
using Serverless.Core.Networks.Onnx;
using Serverless.Optimization.Graphs;
using Serverless.Optimization.Sessions;

namespace Serverless.Optimization.Calibration;

/// <summary>Runs a model on calibration rows and looks at the tensors between its nodes: first for their ranges, then for how their values are distributed.</summary>
internal static class Calibrator
{
    private const int Batch = 32;

    /// <summary>Runs the model.</summary>
    /// <param name="onnx">The model.</param>
    /// <param name="tensors">The tensors to look at.</param>
    /// <param name="rows">The rows to run it on.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    /// <exception cref="InvalidDataException">A tensor takes values that are no numbers.</exception>
    public static CalibrationStatistics Run(ReadOnlyMemory<byte> onnx, IReadOnlyCollection<string> tensors, SampleRows rows, CancellationToken cancellation)
    {
        using var session = Open(onnx, tensors);
        var ranges = tensors.ToDictionary(tensor => tensor, _ => default(ValueRange), StringComparer.Ordinal);
        ForEach(session, tensors, rows, (tensor, values) =>
        {
            var (minimum, maximum) = (TensorPrimitives.Min(values), TensorPrimitives.Max(values));
            if (!float.IsFinite(minimum) || !float.IsFinite(maximum))
            {
                throw new InvalidDataException($"the tensor '{tensor}' takes values that are not finite");
            }

            ranges[tensor] = ranges[tensor].Including(minimum, maximum);
        }, cancellation);
        var histograms = ranges.Where(range => range.Value.Magnitude > 0)
            .ToDictionary(range => range.Key, range => new MagnitudeHistogram(range.Value), StringComparer.Ordinal);
        ForEach(session, histograms.Keys, rows, (tensor, values) => histograms[tensor].Add(values), cancellation);
        return new CalibrationStatistics(ranges, histograms);
    }

    private static ModelSession Open(ReadOnlyMemory<byte> onnx, IReadOnlyCollection<string> tensors)
    {
        var graph = ModelGraph.Parse(onnx);
        var inputs = graph.Proto.Input.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        graph.Proto.Output.AddRange(tensors.Where(tensor => !graph.IsOutput(tensor) && !inputs.Contains(tensor)).Select(FloatValue));
        return new ModelSession(graph.ToBytes(), Environment.ProcessorCount);
    }

    private static ValueInfoProto FloatValue(string name) => new()
    {
        Name = name,
        Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } },
    };

    private static void ForEach(ModelSession session, IReadOnlyCollection<string> tensors, SampleRows rows, TensorVisitor look, CancellationToken cancellation)
    {
        if (tensors.Count == 0)
        {
            return;
        }

        foreach (var batch in rows.Batches(session.BatchFor(Batch)))
        {
            cancellation.ThrowIfCancellationRequested();
            session.RunAll(batch, tensors, look);
        }
    }
}
