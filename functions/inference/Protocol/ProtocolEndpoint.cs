using Azure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;

namespace Serverless.Inference.Protocol;

/// <summary>What all routes have in common: the verb, and how errors are answered.</summary>
public sealed partial class ProtocolEndpoint(ILogger<ProtocolEndpoint> logger)
{
    private const int ClientClosedRequest = 499;

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="verb">The one HTTP verb the route takes; another is answered 405.</param>
    /// <param name="answer">What answers it.</param>
    public Task<IActionResult> AnswerAsync(HttpRequest request, string verb, Func<CancellationToken, Task<IActionResult>> answer) =>
        AnswerAsync(request, verb, answer, static (answer, cancellation) => new ValueTask<IActionResult>(answer(cancellation)));

    /// <summary>Answers a request, with nothing captured in a closure: for routes whose requests are many.</summary>
    /// <param name="request">The request.</param>
    /// <param name="verb">The one HTTP verb the route takes; another is answered 405.</param>
    /// <param name="state">What <paramref name="answer"/> works on.</param>
    /// <param name="answer">What answers it.</param>
    public async Task<IActionResult> AnswerAsync<TState>(HttpRequest request, string verb, TState state, Func<TState, CancellationToken, ValueTask<IActionResult>> answer)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answer);
        if (!string.Equals(request.Method, verb, StringComparison.OrdinalIgnoreCase))
        {
            request.HttpContext.Response.Headers.Allow = verb;
            return Error(StatusCodes.Status405MethodNotAllowed, $"This route takes {verb} only.");
        }

        try
        {
            return await answer(state, request.HttpContext.RequestAborted);
        }
        catch (ProtocolException wrong)
        {
            return Error(wrong.Status, wrong.Message);
        }
        catch (BadHttpRequestException wrong)
        {
            // The web server's own verdict on the body: cut off, badly chunked, too large, too slow.
            return Error(wrong.StatusCode, wrong.Message);
        }
        catch (Exception ended) when (request.HttpContext.RequestAborted.IsCancellationRequested && ended is OperationCanceledException or IOException)
        {
            return new StatusAnswer(ClientClosedRequest);
        }
        catch (RequestFailedException unavailable)
        {
            LogStore(logger, unavailable, request.Path.Value ?? "");
            request.HttpContext.Response.Headers.RetryAfter = "5";
            return Error(StatusCodes.Status503ServiceUnavailable, "The model store does not answer right now; the request can be repeated.");
        }
        catch (Exception unexpected)
        {
            LogUnexpected(logger, unexpected, request.Path.Value ?? "");
            return request.HttpContext.Response.HasStarted
                ? new EmptyResult()
                : Error(StatusCodes.Status500InternalServerError, "The server failed on this request; its log says why.");
        }
    }

    private static JsonAnswer<ErrorBody> Error(int status, string message) => new(status, new ErrorBody(message), ProtocolJson.Default.ErrorBody);

    [LoggerMessage(1121, LogLevel.Warning, "The model store failed on {Path}")]
    private static partial void LogStore(ILogger logger, Exception exception, string path);

    [LoggerMessage(1120, LogLevel.Error, "Unexpected failure on {Path}")]
    private static partial void LogUnexpected(ILogger logger, Exception exception, string path);
}
