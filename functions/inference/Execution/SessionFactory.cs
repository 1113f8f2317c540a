using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Models;
using Serverless.Inference.Models;

namespace Serverless.Inference.Execution;

/// <summary>Makes ONNX Runtime sessions set up for many small requests at the same time.</summary>
public sealed class SessionFactory(IOptions<InferenceOptions> options)
{
    /// <summary>Loads a model.</summary>
    /// <param name="onnx">The bytes of its ONNX file.</param>
    /// <exception cref="ModelLoadException">ONNX Runtime refuses it.</exception>
    public InferenceSession Create(byte[] onnx)
    {
        OnnxRuntimeTelemetry.Disable();
        OrtEnv.Instance().DisableTelemetryEvents();
        using var session = new SessionOptions
        {
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = options.Value.IntraOpThreads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };

        // A thread that spins while it waits for work takes the core from another request.
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        session.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        try
        {
            return new InferenceSession(onnx, session);
        }
        catch (OnnxRuntimeException refused)
        {
            throw new ModelLoadException($"ONNX Runtime cannot load the model: {refused.Message}", refused);
        }
    }
}
