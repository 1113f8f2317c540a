using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.OpenApi;

/// <summary>An answer with a JSON document.</summary>
/// <param name="document">What to write.</param>
internal sealed class OpenApiAnswer(JsonObject document) : IActionResult
{
    /// <inheritdoc/>
    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        var json = System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ProtocolHeaders.Json;
        response.ContentLength = json.Length;
        await response.Body.WriteAsync(json, context.HttpContext.RequestAborted);
    }
}
