using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Models;
using Serverless.Inference.Configuration;
using Serverless.Inference.Models;
using Serverless.Inference.Scheduling;
using Serverless.Inference.Statistics;

namespace Serverless.Inference.Execution;

/// <summary>Loads models with ONNX Runtime, set up for many small requests at the same time.</summary>
public sealed partial class ModelRunnerFactory
{
    private static readonly Func<long> UnreadWork = static () => ThreadPool.PendingWorkItemCount;

    private readonly InferenceOptions _options;
    private readonly StatisticsRegistry _statistics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ComputeGate _gate;
    private readonly int _cores;
    private int _hasLoggedFallback;

    /// <summary>Makes a factory; all models it loads share the processor.</summary>
    /// <exception cref="InvalidOperationException">A graphics processor is required, and there is none.</exception>
    public ModelRunnerFactory(IOptions<InferenceOptions> options, StatisticsRegistry statistics, TimeProvider time, ILogger<ModelRunnerFactory> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        OnnxRuntimeTelemetry.Disable();
        _options = options.Value;
        _statistics = statistics;
        _time = time;
        _logger = logger;
        _cores = _options.MaxConcurrentRuns > 0 ? _options.MaxConcurrentRuns : Math.Max(1, Environment.ProcessorCount / _options.IntraOpThreads);
        _gate = new ComputeGate(_cores);
        if (_options.RequireGpu && CudaProvider.Problem is { } problem)
        {
            throw new InvalidOperationException($"A graphics processor is required (Inference__RequireGpu), but {problem}.");
        }
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
        OrtEnv.Instance().DisableTelemetryEvents();
        var plan = DevicePlan.Decide(config.InstanceGroup, _options.Device, _options.RequireGpu, () => CudaProvider.Problem, _cores);
        if (plan.FallbackReason is { } reason && Interlocked.Exchange(ref _hasLoggedFallback, 1) == 0)
        {
            LogFallback(_logger, reason);
        }

        var instances = new List<ModelSession>();
        try
        {
            Open(source, config, plan, instances);
            return Warm(model, version, instances, plan, config);
        }
        catch (OnnxRuntimeException refused)
        {
            Close(instances);
            throw new ModelLoadException($"ONNX Runtime cannot load the model: {refused.Message}", refused);
        }
        catch
        {
            Close(instances);
            throw;
        }
    }

    private static void Close(List<ModelSession> instances)
    {
        foreach (var session in instances.Distinct())
        {
            session.Dispose();
        }
    }

    // Instances on the same device share a session, and with it the model's memory; a session that replays recorded runs can only be used by one at a time.
    private void Open(OnnxModelSource source, ModelServingConfig config, DevicePlan plan, List<ModelSession> instances)
    {
        var setup = new SessionSetup(config, _options.IntraOpThreads);
        var memory = new TensorPool();
        foreach (var group in plan.Groups)
        {
            ModelSession? shared = null;
            for (var i = 0; i < group.Count; i++)
            {
                var records = group.Gpu is not null && config.Optimization.Cuda.Graphs;
                if (shared is null || records)
                {
                    shared = new ModelSession(setup.Open(source, group.Gpu), memory, group.Gpu, instances.Count > 0 ? instances[0].Signature : null);
                }

                instances.Add(shared);
                if (records)
                {
                    shared.Record();
                }
            }
        }
    }

    private ModelRunner Warm(string model, string version, List<ModelSession> instances, DevicePlan plan, ModelServingConfig config)
    {
        var maxBatchSize = 0;
        ModelSession[] sessions = [.. instances.Distinct()];
        foreach (var session in sessions)
        {
            WarmUp.Run(session, rows: 1);
            maxBatchSize = BatchDimension.Find(session, config.MaxBatchSize, _options.MaxBatchSize);
            foreach (var sample in config.ModelWarmup)
            {
                WarmUp.Run(session, sample, hasRows: maxBatchSize > 0);
            }
        }

        var signature = sessions[0].Signature;
        var inputs = TensorDeclarations.Of(signature.Inputs, maxBatchSize > 0);
        var outputs = TensorDeclarations.Of(signature.Outputs, maxBatchSize > 0);
        TensorDeclarations.Check("input", config.Input, inputs);
        TensorDeclarations.Check("output", config.Output, outputs);
        var batching = config.DynamicBatching ?? new DynamicBatching();
        var resolved = config with
        {
            Name = model,
            MaxBatchSize = maxBatchSize,
            Input = inputs,
            Output = outputs,
            InstanceGroup = [.. plan.Groups.Select(group => new InstanceGroup
            {
                Kind = group.Gpu is null ? InstanceKind.Cpu : InstanceKind.Gpu,
                Count = group.Count,
                Gpus = group.Gpu is { } gpu ? [gpu] : [],
            })],
            DynamicBatching = batching with
            {
                DefaultQueuePolicy = batching.DefaultQueuePolicy with { MaxQueueSize = batching.DefaultQueuePolicy.MaxQueueSize ?? _options.MaxQueueSize },
                PriorityQueuePolicy = batching.PriorityQueuePolicy.ToDictionary(
                    policy => policy.Key, policy => policy.Value with { MaxQueueSize = policy.Value.MaxQueueSize ?? _options.MaxQueueSize }),
            },
        };
        var statistics = new ModelStatistics(model, version, _time, () => sessions[0].Memory.Retained);
        return new ModelRunner(sessions, new BatchScheduler(resolved, instances, statistics, _gate, _time, UnreadWork), resolved, statistics, _statistics);
    }

    [LoggerMessage(1130, LogLevel.Warning, "Models that ask for a graphics processor run on the processor: {Reason}")]
    private static partial void LogFallback(ILogger logger, string reason);
}
