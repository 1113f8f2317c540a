using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Validation;

namespace Serverless.Optimization.Sessions;

/// <summary>Lets ONNX Runtime rewrite a model: constants are computed, nodes joined.</summary>
internal static class GraphOptimizer
{
    private const string NoPacking = "session.disable_prepacking";

    /// <summary>Rewrites with ONNX's own operators alone, so that others can go on from there.</summary>
    public static byte[] Simplify(byte[] onnx) => Run(GraphOptimizationLevel.ORT_ENABLE_BASIC, options => new InferenceSession(onnx, options));

    /// <summary>A model as it is, but with the tensors in it that are in files beside it.</summary>
    public static byte[] Join(string path) => Run(GraphOptimizationLevel.ORT_DISABLE_ALL, options => new InferenceSession(path, options));

    /// <summary>Rewrites with ONNX Runtime's operators too, as any machine of this kind can run them: what depends on the processor is left to the one that loads it.</summary>
    /// <param name="onnx">The model.</param>
    /// <param name="device">The kind of machine: which nodes can be joined depends on who computes them.</param>
    public static byte[] Fuse(byte[] onnx, SessionDevice device) => Run(GraphOptimizationLevel.ORT_ENABLE_EXTENDED, options => new InferenceSession(onnx, options), device);

    /// <summary>The outputs of a model that are tensors, with their element types in ONNX's count, which is ONNX Runtime's too.</summary>
    public static IEnumerable<(string Name, int Type)> OutputTypes(byte[] onnx)
    {
        using var options = Runtime.CreateOptions(SessionDevice.Cpu);
        options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
        options.AddSessionConfigEntry(NoPacking, "1");
        using var session = new InferenceSession(onnx, options);
        return [.. session.OutputMetadata.Where(output => output.Value.IsTensor).Select(output => (output.Key, (int)output.Value.ElementDataType))];
    }

    private static byte[] Run(GraphOptimizationLevel level, Func<SessionOptions, InferenceSession> load, SessionDevice device = SessionDevice.Cpu)
    {
        var target = Path.Combine(Path.GetTempPath(), $"serverless-{Guid.NewGuid():N}.onnx");
        try
        {
            using var options = Runtime.CreateOptions(device);
            options.GraphOptimizationLevel = level;
            options.OptimizedModelFilePath = target;
            options.IntraOpNumThreads = 1;

            // Memory for packed weights would be for nothing: the model is not run.
            options.AddSessionConfigEntry(NoPacking, "1");
            load(options).Dispose();
            return File.ReadAllBytes(target);
        }
        catch (OnnxRuntimeException refused)
        {
            throw new ValidationException("model", $"ONNX Runtime refuses it: {refused.Message}");
        }
        finally
        {
            File.Delete(target);
        }
    }
}
