using System.Text;
using Microsoft.AspNetCore.Mvc;

namespace Serverless.Inference.Statistics;

/// <summary>Success with a text.</summary>
/// <param name="text">The text.</param>
/// <param name="contentType">What it is.</param>
public sealed class TextAnswer(string text, string contentType) : IActionResult
{
    /// <inheritdoc/>
    public async Task ExecuteResultAsync(ActionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var response = context.HttpContext.Response;
        var bytes = Encoding.UTF8.GetBytes(text);
        response.ContentType = contentType;
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, context.HttpContext.RequestAborted);
    }
}
