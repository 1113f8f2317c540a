using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.OpenApi;

/// <summary>What this server takes and gives, as an OpenAPI document: for people who look at it, and for tools that generate clients.</summary>
public sealed class OpenApiFunctions(ProtocolEndpoint endpoint, ModelRepository models)
{
    /// <summary>The document, with a path and schemas for each model that is being served now.</summary>
    [Function("OpenApi")]
    public Task<IActionResult> Document([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/openapi.json")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return endpoint.AnswerAsync(request, HttpMethods.Get, _ => Task.FromResult<IActionResult>(new OpenApiAnswer(
            OpenApiDocument.Build($"{request.Scheme}://{request.Host}{request.PathBase}", [.. models.Served]))));
    }
}
