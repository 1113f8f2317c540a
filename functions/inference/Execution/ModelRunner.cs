using Serverless.Inference.Configuration;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;
using Serverless.Inference.Scheduling;
using Serverless.Inference.Statistics;

namespace Serverless.Inference.Execution;

/// <summary>A model that is loaded and warm: takes requests, has them wait and be joined as its configuration says, and runs them.</summary>
public sealed class ModelRunner : IDisposable
{
    private readonly IReadOnlyList<ModelSession> _sessions;
    private readonly BatchScheduler _scheduler;
    private readonly StatisticsRegistry _registry;

    internal ModelRunner(
        IReadOnlyList<ModelSession> sessions, BatchScheduler scheduler, ModelServingConfig config, ModelStatistics statistics, StatisticsRegistry registry)
    {
        _sessions = sessions;
        _scheduler = scheduler;
        _registry = registry;
        Config = config;
        Statistics = statistics;
        registry.Add(statistics);
    }

    /// <summary>What the model takes and gives.</summary>
    public ModelSignature Signature => _sessions[0].Signature;

    /// <summary>The configuration in force, with everything stated that it was given without.</summary>
    public ModelServingConfig Config { get; }

    /// <summary>What the model has done so far.</summary>
    public ModelStatistics Statistics { get; }

    /// <summary>Where the tensors of requests to this model go: what is bound to the memory once can be used again by the next request.</summary>
    public TensorPool Memory => _sessions[0].Memory;

    /// <summary>Runs the model on a request.</summary>
    /// <param name="request">The request, checked against <see cref="Signature"/>, its tensors in <see cref="Memory"/>. It has to live until the outputs are disposed.</param>
    /// <param name="cancellation">Takes the request out of the queue; one that is being run is finished.</param>
    /// <returns>The requested outputs, in the order of the request; the caller disposes them before the request.</returns>
    /// <exception cref="ProtocolException">400: the model refuses these inputs. 503: too many requests are waiting, or this one has waited too long.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled while it waited.</exception>
    public ValueTask<InferenceOutputs> RunAsync(InferenceRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellation.ThrowIfCancellationRequested();
        return _scheduler.RunAsync(request, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registry.Remove(Statistics);
        _scheduler.Dispose();
        Memory.Dispose();
        foreach (var session in _sessions)
        {
            session.Dispose();
        }
    }
}
