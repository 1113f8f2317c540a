using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Statistics;

/// <summary>What the models have done, over HTTP.</summary>
public sealed class StatisticsFunctions(ProtocolEndpoint endpoint, ModelRepository models, StatisticsRegistry registry)
{
    /// <summary>Statistics of all model versions.</summary>
    [Function("Statistics")]
    public Task<IActionResult> All([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/stats")] HttpRequest request) =>
        endpoint.AnswerAsync(request, HttpMethods.Get, _ => Task.FromResult<IActionResult>(Answer(registry.Models)));

    /// <summary>Statistics of all versions of a model.</summary>
    [Function("ModelStatistics")]
    public Task<IActionResult> Model([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/{model}/stats")] HttpRequest request, string model) =>
        endpoint.AnswerAsync(request, HttpMethods.Get, async cancellation =>
        {
            using var lease = await models.LeaseAsync(model, version: null, cancellation);
            return Answer(registry.Models.Where(statistics => statistics.Model == model));
        });

    /// <summary>Statistics of one version of a model.</summary>
    [Function("ModelVersionStatistics")]
    public Task<IActionResult> Version(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/{model}/versions/{version}/stats")] HttpRequest request, string model, string version) =>
        endpoint.AnswerAsync(request, HttpMethods.Get, async cancellation =>
        {
            using var lease = await models.LeaseAsync(model, version, cancellation);
            return Answer([lease.Model.Runner.Statistics]);
        });

    /// <summary>Statistics and the process's state for Prometheus.</summary>
    [Function("Metrics")]
    public Task<IActionResult> Metrics([HttpTrigger(AuthorizationLevel.Anonymous, Route = "metrics")] HttpRequest request) =>
        endpoint.AnswerAsync(request, HttpMethods.Get, _ => Task.FromResult<IActionResult>(
            new TextAnswer(MetricsText.Write(registry.Models), MetricsText.ContentType)));

    private static JsonAnswer<StatisticsAnswer> Answer(IEnumerable<ModelStatistics> statistics) => new(
        StatusCodes.Status200OK, new StatisticsAnswer([.. statistics.Select(StatisticsEntry.Of)]), StatisticsJson.Default.StatisticsAnswer);
}
