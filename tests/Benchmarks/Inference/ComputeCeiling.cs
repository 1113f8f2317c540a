using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Networks.Onnx;

namespace Serverless.Benchmarks.Inference;

/// <summary>What the model alone costs: a C# loop on a session set up as the server's, everything bound beforehand, one row a run.</summary>
internal static class ComputeCeiling
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs the model over and over.</summary>
    /// <param name="network">The model.</param>
    /// <param name="threads">How many loops run beside each other on the one session.</param>
    /// <param name="duration">How long.</param>
    public static ComputeFigures Run(ServedNetwork network, int threads, TimeSpan duration)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(network.Onnx, options);
        Loop(session, network, WarmUp);
        var results = new (long Runs, long Bytes)[threads];
        var clock = Stopwatch.StartNew();
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread => results[thread] = Loop(session, network, duration));
        var runs = results.Sum(result => result.Runs);
        return new ComputeFigures(runs / clock.Elapsed.TotalSeconds, results.Sum(result => result.Bytes) / (double)runs);
    }

    private static (long Runs, long Bytes) Loop(InferenceSession session, ServedNetwork network, TimeSpan duration)
    {
        using var run = new RunOptions();
        using var input = BinaryRequest.Input(network, network.Row());
        using var binding = session.CreateIoBinding();
        binding.BindInput(OnnxExporter.InputName, input);
        using var logits = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, Shape(session, OnnxExporter.LogitsName));
        using var probabilities = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, Shape(session, OnnxExporter.ProbabilitiesName));
        binding.BindOutput(OnnxExporter.LogitsName, logits);
        binding.BindOutput(OnnxExporter.ProbabilitiesName, probabilities);
        session.RunWithBinding(run, binding);
        var runs = 0L;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < duration; runs++)
        {
            session.RunWithBinding(run, binding);
        }

        return (runs, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static long[] Shape(InferenceSession session, string output) => [.. session.OutputMetadata[output].Dimensions.Select(dimension => (long)Math.Max(dimension, 1))];
}
