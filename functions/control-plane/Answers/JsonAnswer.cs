using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Serverless.ControlPlane.Answers;

/// <summary>A status with a JSON body.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="body">What to write.</param>
/// <param name="type">How to write it.</param>
/// <param name="contentType">What the body is.</param>
public sealed class JsonAnswer<T>(int status, T body, JsonTypeInfo<T> type, string contentType = "application/json") : IActionResult
{
    /// <summary>The body.</summary>
    public T Body => body;

    /// <inheritdoc/>
    public async Task ExecuteResultAsync(ActionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var response = context.HttpContext.Response;
        var json = JsonSerializer.SerializeToUtf8Bytes(body, type);
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = json.Length;
        await response.Body.WriteAsync(json, context.HttpContext.RequestAborted);
    }
}
