using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Health;

/// <summary>Health and metadata of the server over HTTP.</summary>
public sealed class HealthFunctions(ProtocolEndpoint endpoint, ModelRepository models)
{
    private static readonly ServerMetadata Server = new(
        "serverless",
        typeof(HealthFunctions).Assembly.GetName().Version?.ToString(3) ?? "0.0.0",
        [
            "binary_tensor_data", "classification", "model_configuration", "model_repository", "model_repository(unload_dependents)", "parameters", "schedule_policy", "statistics",
        ]);

    /// <summary>200 as long as the process answers.</summary>
    [Function("HealthLive")]
    public Task<IActionResult> Live([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/health/live")] HttpRequest request) =>
        AnswerAsync(request, new StatusAnswer(StatusCodes.Status200OK));

    /// <summary>200 once the published models have been loaded, before that 400.</summary>
    [Function("HealthReady")]
    public Task<IActionResult> Ready([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/health/ready")] HttpRequest request) =>
        AnswerAsync(request, new StatusAnswer(models.IsReady ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest));

    /// <summary>Name, version and extensions of the server.</summary>
    [Function("ServerMetadata")]
    public Task<IActionResult> Metadata([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2")] HttpRequest request) =>
        AnswerAsync(request, new JsonAnswer<ServerMetadata>(StatusCodes.Status200OK, Server, ProtocolJson.Default.ServerMetadata));

    private Task<IActionResult> AnswerAsync(HttpRequest request, IActionResult answer) =>
        endpoint.AnswerAsync(request, HttpMethods.Get, _ => Task.FromResult(answer));
}
