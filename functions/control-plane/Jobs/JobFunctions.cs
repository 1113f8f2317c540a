using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Serverless.ControlPlane.Answers;

namespace Serverless.ControlPlane.Jobs;

/// <summary>Training jobs over HTTP.</summary>
public sealed class JobFunctions(HttpEndpoint endpoint, SubmitHandler submissions, JobQueries queries)
{
    private const string Jobs = "api/jobs";

    /// <summary>Submits a job: 202 with its address.</summary>
    [Function("SubmitJob")]
    public Task<IActionResult> Submit([HttpTrigger(AuthorizationLevel.Function, "post", Route = Jobs)] HttpRequest request) =>
        endpoint.AnswerAsync(request, async cancellation =>
        {
            var job = await submissions.SubmitAsync(request, cancellation);
            var address = new Uri(UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, $"/{Jobs}/{job}"));
            request.HttpContext.Response.Headers.Location = address.AbsoluteUri;
            return new JsonAnswer<SubmittedJob>(StatusCodes.Status202Accepted, new SubmittedJob(job, address), ControlPlaneJson.Default.SubmittedJob);
        });

    /// <summary>Lists jobs, newest first, a page at a time.</summary>
    [Function("ListJobs")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Function, "get", Route = Jobs)] HttpRequest request) =>
        endpoint.AnswerAsync(request, async cancellation => new JsonAnswer<JobList>(
            StatusCodes.Status200OK,
            await queries.ListAsync(request.Query["limit"], request.Query["continuation"], cancellation),
            ControlPlaneJson.Default.JobList));

    /// <summary>Tells how a job is going.</summary>
    [Function("GetJob")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Function, "get", Route = Jobs + "/{job}")] HttpRequest request, string job) =>
        endpoint.AnswerAsync(request, async cancellation => Details(await queries.GetAsync(job, cancellation)));

    /// <summary>Gives a job's metrics, a JSON line a shard and round, and a line an evaluation.</summary>
    [Function("GetJobMetrics")]
    public Task<IActionResult> Metrics([HttpTrigger(AuthorizationLevel.Function, "get", Route = Jobs + "/{job}/metrics")] HttpRequest request, string job) =>
        endpoint.AnswerAsync(request, async cancellation =>
            new MetricsAnswer(await queries.MetricsAsync(job, request.Query["after"], request.Query["through"], cancellation)));

    /// <summary>Cancels a job.</summary>
    [Function("CancelJob")]
    public Task<IActionResult> Cancel([HttpTrigger(AuthorizationLevel.Function, "delete", Route = Jobs + "/{job}")] HttpRequest request, string job) =>
        endpoint.AnswerAsync(request, async cancellation => Details(await queries.CancelAsync(job, cancellation)));

    /// <summary>Cancels a job, for clients that cannot send DELETE.</summary>
    [Function("CancelJobByPost")]
    public Task<IActionResult> CancelByPost([HttpTrigger(AuthorizationLevel.Function, "post", Route = Jobs + "/{job}/cancel")] HttpRequest request, string job) =>
        Cancel(request, job);

    private static JsonAnswer<JobDetails> Details(JobDetails details) => new(StatusCodes.Status200OK, details, ControlPlaneJson.Default.JobDetails);
}
