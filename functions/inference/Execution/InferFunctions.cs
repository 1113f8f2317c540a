using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Execution;

/// <summary>Inference over HTTP.</summary>
public sealed class InferFunctions(ProtocolEndpoint endpoint, InferenceHandler handler)
{
    /// <summary>Inference with the newest version of a model.</summary>
    [Function("Infer")]
    public Task<IActionResult> Infer(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/{model}/infer")] HttpRequest request, string model) =>
        RunAsync(request, model, version: null);

    /// <summary>Inference with one version of a model.</summary>
    [Function("InferVersion")]
    public Task<IActionResult> InferVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/{model}/versions/{version}/infer")] HttpRequest request, string model, string version) =>
        RunAsync(request, model, version);

    private Task<IActionResult> RunAsync(HttpRequest request, string model, string? version) => endpoint.AnswerAsync(
        request,
        HttpMethods.Post,
        (handler, request, model, version),
        static (call, cancellation) => call.handler.InferAsync(call.request, call.model, call.version, cancellation));
}
