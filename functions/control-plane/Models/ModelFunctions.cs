using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Serverless.ControlPlane.Answers;

namespace Serverless.ControlPlane.Models;

/// <summary>Published models over HTTP.</summary>
public sealed class ModelFunctions(HttpEndpoint endpoint, ModelQueries queries)
{
    /// <summary>Lists the published models.</summary>
    [Function("ListModels")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/models")] HttpRequest request) =>
        endpoint.AnswerAsync(request, async cancellation => new JsonAnswer<ModelList>(
            StatusCodes.Status200OK, await queries.ListAsync(cancellation), ControlPlaneJson.Default.ModelList));
}
