using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Serverless.Core.Rounds;

namespace Serverless.ControlPlane.Jobs;

/// <summary>Metrics as JSON lines, written while they are read: memory does not grow with their number.</summary>
/// <param name="lines">The lines.</param>
public sealed class MetricsAnswer(IAsyncEnumerable<MetricsLine> lines) : IActionResult
{
    private const int FlushAfter = 64 << 10;

    /// <inheritdoc/>
    public async Task ExecuteResultAsync(ActionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var response = context.HttpContext.Response;
        var cancellation = context.HttpContext.RequestAborted;
        response.ContentType = "application/x-ndjson";
        await using var json = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { SkipValidation = true });
        var pending = 0L;
        await foreach (var line in lines.WithCancellation(cancellation))
        {
            JsonSerializer.Serialize(json, line, ControlPlaneJson.Default.MetricsLine);
            await json.FlushAsync(cancellation);
            pending += json.BytesCommitted + 1;
            json.Reset();
            response.BodyWriter.GetSpan(1)[0] = (byte)'\n';
            response.BodyWriter.Advance(1);
            if (pending > FlushAfter)
            {
                await response.BodyWriter.FlushAsync(cancellation);
                pending = 0;
            }
        }

        await response.BodyWriter.FlushAsync(cancellation);
    }
}
