using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Models;

/// <summary>Metadata and readiness of models over HTTP.</summary>
public sealed class ModelFunctions(ProtocolEndpoint endpoint, ModelRepository models)
{
    /// <summary>What a model's newest version takes and gives.</summary>
    [Function("ModelMetadata")]
    public Task<IActionResult> Metadata(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/{model}")] HttpRequest request, string model) =>
        DescribeAsync(request, model, version: null);

    /// <summary>What one version of a model takes and gives.</summary>
    [Function("ModelVersionMetadata")]
    public Task<IActionResult> VersionMetadata(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/{model}/versions/{version}")] HttpRequest request, string model, string version) =>
        DescribeAsync(request, model, version);

    /// <summary>200 where a model is being served, otherwise 400.</summary>
    [Function("ModelReady")]
    public Task<IActionResult> Ready(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/{model}/ready")] HttpRequest request, string model) =>
        CheckAsync(request, model, version: null);

    /// <summary>200 where one version of a model is being served, otherwise 400.</summary>
    [Function("ModelVersionReady")]
    public Task<IActionResult> VersionReady(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/{model}/versions/{version}/ready")] HttpRequest request, string model, string version) =>
        CheckAsync(request, model, version);

    private Task<IActionResult> DescribeAsync(HttpRequest request, string model, string? version) =>
        endpoint.AnswerAsync(request, HttpMethods.Get, async cancellation =>
        {
            using var lease = await models.LeaseAsync(model, version, cancellation);
            return new JsonAnswer<ModelMetadata>(StatusCodes.Status200OK, ModelMetadata.Of(lease.Model, models.VersionsOf(model)), ProtocolJson.Default.ModelMetadata);
        });

    private Task<IActionResult> CheckAsync(HttpRequest request, string model, string? version) =>
        endpoint.AnswerAsync(request, HttpMethods.Get, async cancellation =>
        {
            try
            {
                using var lease = await models.LeaseAsync(model, version, cancellation);
                return new StatusAnswer(StatusCodes.Status200OK);
            }
            catch (ProtocolException)
            {
                return new StatusAnswer(StatusCodes.Status400BadRequest);
            }
        });
}
