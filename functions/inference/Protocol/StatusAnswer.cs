using Microsoft.AspNetCore.Mvc;

namespace Serverless.Inference.Protocol;

/// <summary>A status with an empty body.</summary>
/// <param name="status">The HTTP status.</param>
public sealed class StatusAnswer(int status) : IActionResult
{
    /// <inheritdoc/>
    public Task ExecuteResultAsync(ActionContext context)
    {
        context.HttpContext.Response.StatusCode = status;
        context.HttpContext.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
