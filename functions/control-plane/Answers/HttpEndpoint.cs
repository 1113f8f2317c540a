using Azure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Serverless.Core.Jobs;
using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Answers;

/// <summary>What all routes have in common: how errors are answered.</summary>
public sealed partial class HttpEndpoint(ILogger<HttpEndpoint> logger)
{
    private const int ClientClosedRequest = 499;

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">What answers it.</param>
    public async Task<IActionResult> AnswerAsync(HttpRequest request, Func<CancellationToken, Task<IActionResult>> answer)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answer);
        try
        {
            return await answer(request.HttpContext.RequestAborted);
        }
        catch (AnswerException wrong)
        {
            return Error(wrong.Problem);
        }
        catch (ValidationException wrong)
        {
            return Error(new Problem("Invalid input", StatusCodes.Status400BadRequest, wrong.Message, wrong.Errors));
        }
        catch (JobNotFoundException missing)
        {
            return Error(new Problem("Not found", StatusCodes.Status404NotFound, missing.Message, []));
        }
        catch (BadHttpRequestException wrong)
        {
            // The web server's own verdict on the body: cut off, badly chunked, too large, too slow.
            return Error(new Problem("Bad request", wrong.StatusCode, wrong.Message, []));
        }
        catch (Exception ended) when (request.HttpContext.RequestAborted.IsCancellationRequested && ended is OperationCanceledException or IOException)
        {
            return Error(new Problem("Cancelled", ClientClosedRequest, "The client has gone.", []));
        }
        catch (Exception busy) when (busy is RequestFailedException or StatusContentionException)
        {
            LogStorage(logger, busy, request.Path.Value ?? "");
            request.HttpContext.Response.Headers.RetryAfter = "5";
            return Error(new Problem("Storage unavailable", StatusCodes.Status503ServiceUnavailable, "Storage does not answer right now; the request can be repeated.", []));
        }
        catch (Exception unexpected)
        {
            LogUnexpected(logger, unexpected, request.Path.Value ?? "");
            return request.HttpContext.Response.HasStarted
                ? new EmptyResult()
                : Error(new Problem("Internal error", StatusCodes.Status500InternalServerError, "The server failed on this request; its log says why.", []));
        }
    }

    private static JsonAnswer<Problem> Error(Problem problem) => new(problem.Status, problem, ControlPlaneJson.Default.Problem, Problem.ContentType);

    [LoggerMessage(2100, LogLevel.Error, "Unexpected failure on {Path}")]
    private static partial void LogUnexpected(ILogger logger, Exception exception, string path);

    [LoggerMessage(2101, LogLevel.Warning, "Storage failed on {Path}")]
    private static partial void LogStorage(ILogger logger, Exception exception, string path);
}
