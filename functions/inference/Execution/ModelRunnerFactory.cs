using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Models;
using Serverless.Inference.Configuration;
using Serverless.Inference.Models;
using Serverless.Inference.Statistics;

namespace Serverless.Inference.Execution;

/// <summary>Loads models with ONNX Runtime, set up for many small requests at the same time.</summary>
public sealed class ModelRunnerFactory(IOptions<InferenceOptions> options)
{
    /// <summary>Loads a model and runs it, so that it is ready to serve.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="version">The version as the protocol writes it.</param>
    /// <param name="source">Where its bytes are.</param>
    /// <param name="config">How it is to be served.</param>
    /// <exception cref="ModelLoadException">ONNX Runtime refuses it, it does not run, or it does not fit the configuration.</exception>
    public ModelRunner Load(string model, string version, OnnxModelSource source, ModelServingConfig config)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(config);
        OnnxRuntimeTelemetry.Disable();
        OrtEnv.Instance().DisableTelemetryEvents();
        try
        {
            var session = new ModelSession(Open(source), new TensorPool(), isOnProcessor: true);
            try
            {
                WarmUp.Run(session, rows: 1);
                return new ModelRunner(session, config, new ModelStatistics(model, version));
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }
        catch (OnnxRuntimeException refused)
        {
            throw new ModelLoadException($"ONNX Runtime cannot load the model: {refused.Message}", refused);
        }
    }

    private InferenceSession Open(OnnxModelSource source)
    {
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
        return source.Path is { } path ? new InferenceSession(path, session) : new InferenceSession(source.Bytes!, session);
    }
}
