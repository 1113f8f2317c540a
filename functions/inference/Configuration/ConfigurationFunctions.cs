using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Configuration;

/// <summary>The configurations in force, over HTTP.</summary>
public sealed class ConfigurationFunctions(ProtocolEndpoint endpoint, ModelRepository models)
{
    /// <summary>How a model's newest version is served.</summary>
    [Function("ModelConfiguration")]
    public Task<IActionResult> Configuration(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/{model}/config")] HttpRequest request, string model) =>
        AnswerAsync(request, model, version: null);

    /// <summary>How one version of a model is served.</summary>
    [Function("ModelVersionConfiguration")]
    public Task<IActionResult> VersionConfiguration(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/{model}/versions/{version}/config")] HttpRequest request, string model, string version) =>
        AnswerAsync(request, model, version);

    private Task<IActionResult> AnswerAsync(HttpRequest request, string model, string? version) =>
        endpoint.AnswerAsync(request, HttpMethods.Get, async cancellation =>
        {
            using var lease = await models.LeaseAsync(model, version, cancellation);
            return new JsonAnswer<ModelServingConfig>(StatusCodes.Status200OK, lease.Model.Runner.Config, ModelServingConfigJson.Default.ModelServingConfig);
        });
}
