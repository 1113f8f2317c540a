using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Execution;

/// <summary>Answers inference requests.</summary>
public sealed class InferenceHandler(ModelRepository models, InferenceRequestReader reader, InferenceResponseWriter writer)
{
    private static readonly EmptyResult Written = new();

    /// <summary>Reads a request, runs the model and writes the response.</summary>
    /// <param name="request">The HTTP request.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="version">The version, or null for the newest.</param>
    /// <param name="cancellation">Ends it when the client is gone.</param>
    /// <returns>A result that does nothing more.</returns>
    /// <exception cref="ProtocolException">4xx, before anything is written.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<IActionResult> InferAsync(HttpRequest request, string model, string? version, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var lease = await models.LeaseAsync(model, version, cancellation);
        using var parsed = await reader.ReadAsync(request, lease.Model.Runner, cancellation);
        using var outputs = await lease.Model.Runner.RunAsync(parsed, cancellation);
        await writer.WriteAsync(request.HttpContext.Response, lease.Model, parsed, outputs, cancellation);
        return Written;
    }
}
