using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Serverless.ControlPlane.Answers;
using Serverless.Core.Datasets;

namespace Serverless.ControlPlane.Datasets;

/// <summary>Datasets over HTTP.</summary>
public sealed class DatasetFunctions(HttpEndpoint endpoint, DatasetStore datasets)
{
    /// <summary>Lists the datasets that jobs can train on.</summary>
    [Function("ListDatasets")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/datasets")] HttpRequest request) =>
        endpoint.AnswerAsync(request, async cancellation =>
        {
            var summaries = new List<DatasetSummary>();
            await foreach (var train in datasets.ListAsync(cancellation))
            {
                summaries.Add(DatasetSummary.Of(train));
            }

            return new JsonAnswer<DatasetList>(StatusCodes.Status200OK, new DatasetList(summaries), ControlPlaneJson.Default.DatasetList);
        });
}
