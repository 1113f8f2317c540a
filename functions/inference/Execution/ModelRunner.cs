using Microsoft.AspNetCore.Http;
using Microsoft.ML.OnnxRuntime;
using Serverless.Inference.Configuration;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;
using Serverless.Inference.Statistics;

namespace Serverless.Inference.Execution;

/// <summary>A model that is loaded and warm: takes requests, has them wait and be joined as its configuration says, and runs them.</summary>
public sealed class ModelRunner : IDisposable
{
    private readonly ModelSession _session;

    internal ModelRunner(ModelSession session, ModelServingConfig config, ModelStatistics statistics)
    {
        _session = session;
        Config = config;
        Statistics = statistics;
    }

    /// <summary>What the model takes and gives.</summary>
    public ModelSignature Signature => _session.Signature;

    /// <summary>The configuration in force, with everything stated that it was given without.</summary>
    public ModelServingConfig Config { get; }

    /// <summary>What the model has done so far.</summary>
    public ModelStatistics Statistics { get; }

    /// <summary>Where the tensors of requests to this model go: what is bound to the memory once can be used again by the next request.</summary>
    public TensorPool Memory => _session.Memory;

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
        try
        {
            return ValueTask.FromResult(_session.Run(request));
        }
        catch (OnnxRuntimeException refused)
        {
            // The model has run on its own warm-up input: what fails now does so because of the inputs, such as sizes that only the graph relates to each other.
            throw new ProtocolException(StatusCodes.Status400BadRequest, $"The model cannot run on these inputs: {refused.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Memory.Dispose();
        _session.Dispose();
    }
}
