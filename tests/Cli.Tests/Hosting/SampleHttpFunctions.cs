using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Cli.Tests.Hosting;

/// <summary>One function for each way of binding a request and of answering it.</summary>
public sealed class SampleHttpFunctions(Trace trace)
{
    [Function("Greet")]
    public IActionResult Greet([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "greet/{name}")] HttpRequest request, string name)
    {
        trace.Note("greet", request.Method);
        return new OkObjectResult(new { greeting = $"Hello {name}" });
    }

    [Function("Add")]
    public static Task<IResult> Add([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "add/{left}/{right?}")] HttpRequest request, int left, long? right, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Results.Text($"{left + (right ?? 0)} {request.ContentLength}"));
    }

    [Function("Echo")]
    public static async Task Echo([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "echo")] HttpContext context) =>
        await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);

    [Function("Unnamed")]
    public static async Task<OkObjectResult> Unnamed([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
    {
        await Task.Yield();
        return new OkObjectResult(request.Path.Value);
    }

    [Function("Fail")]
    public static IActionResult Fail([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "fail")] HttpRequest request) =>
        throw new InvalidOperationException($"no answer to {request.Path}");
}
