using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Models;
using Serverless.Inference.Configuration;
using Serverless.Inference.Models;
using Serverless.Inference.Scheduling;
using Serverless.Inference.Statistics;

namespace Serverless.Inference.Execution;

/// <summary>Loads models with ONNX Runtime, set up for many small requests at the same time.</summary>
public sealed class ModelRunnerFactory
{
    private readonly InferenceOptions _options;
    private readonly StatisticsRegistry _statistics;
    private readonly TimeProvider _time;
    private readonly ComputeGate _gate;
    private readonly int _cores;

    /// <summary>Makes a factory; all models it loads share the processor.</summary>
    public ModelRunnerFactory(IOptions<InferenceOptions> options, StatisticsRegistry statistics, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        _statistics = statistics;
        _time = time;
        _cores = _options.MaxConcurrentRuns > 0 ? _options.MaxConcurrentRuns : Math.Max(1, Environment.ProcessorCount / _options.IntraOpThreads);
        _gate = new ComputeGate(_cores);
    }

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
                return Warm(model, version, session, config);
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

    private ModelRunner Warm(string model, string version, ModelSession session, ModelServingConfig config)
    {
        WarmUp.Run(session, rows: 1);
        var resolved = config with
        {
            Name = model,
            MaxBatchSize = BatchDimension.Find(session, config.MaxBatchSize, _options.MaxBatchSize),
            InstanceGroup = [new InstanceGroup { Kind = InstanceKind.Cpu, Count = _cores }],
            DynamicBatching = config.DynamicBatching ?? new DynamicBatching(),
        };
        var statistics = new ModelStatistics(model, version, _time);
        var scheduler = new BatchScheduler(resolved, Enumerable.Repeat(session, _cores), statistics, _gate, _options.MaxQueueSize, _time);
        return new ModelRunner([session], scheduler, resolved, statistics, _statistics);
    }

    private InferenceSession Open(OnnxModelSource source)
    {
        using var session = new SessionOptions
        {
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = _options.IntraOpThreads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };

        // A thread that spins while it waits for work takes the core from another request.
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        session.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        return source.Path is { } path ? new InferenceSession(path, session) : new InferenceSession(source.Bytes!, session);
    }
}
