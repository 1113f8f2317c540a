using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Serverless.Inference.Protocol;

/// <summary>A status with a JSON body.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="body">What to write.</param>
/// <param name="type">How to write it.</param>
public sealed class JsonAnswer<T>(int status, T body, JsonTypeInfo<T> type) : IActionResult
{
    /// <inheritdoc/>
    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        var json = JsonSerializer.SerializeToUtf8Bytes(body, type);
        response.StatusCode = status;
        response.ContentType = ProtocolHeaders.Json;
        response.ContentLength = json.Length;
        await response.Body.WriteAsync(json, context.HttpContext.RequestAborted);
    }
}
