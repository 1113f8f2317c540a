using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;

namespace Serverless.Core.Tests.Datasets;

/// <summary>Answers the blob client's downloads from memory: storage that can be slow, fail or lie on purpose.</summary>
internal sealed class MemoryBlobs : HttpMessageHandler
{
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>Names of the blobs asked for, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Holds answers back: awaited before every one.</summary>
    public Func<string, Task> Gate { get; set; } = _ => Task.CompletedTask;

    public BlobContainerClient Container()
    {
        var options = new BlobClientOptions { Transport = new HttpClientTransport(new HttpClient(this, disposeHandler: false)) };
        options.Retry.MaxRetries = 0;
        return new BlobContainerClient(new Uri("http://memory.invalid/datasets"), options);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var name = Uri.UnescapeDataString(request.RequestUri!.AbsolutePath)["/datasets/".Length..];
        Requests.Enqueue(name);
        await Gate(name).WaitAsync(cancellationToken);
        if (!Blobs.TryGetValue(name, out var content))
        {
            var missing = new HttpResponseMessage(HttpStatusCode.NotFound);
            missing.Headers.Add("x-ms-error-code", "BlobNotFound");
            return missing;
        }

        var (begin, end) = (0L, content.Length - 1L);
        var range = request.Headers.TryGetValues("x-ms-range", out var values) ? values.Single() : null;
        if (range is not null)
        {
            var parts = range["bytes=".Length..].Split('-');
            begin = long.Parse(parts[0], CultureInfo.InvariantCulture);
            end = parts[1].Length == 0 ? end : Math.Min(end, long.Parse(parts[1], CultureInfo.InvariantCulture));
        }

        if (begin >= content.Length)
        {
            return new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable);
        }

        var response = new HttpResponseMessage(range is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent)
        {
            Content = new ByteArrayContent(content, (int)begin, (int)(end - begin + 1)),
        };
        response.Headers.ETag = new("\"1\"");
        response.Headers.Add("x-ms-blob-type", "BlockBlob");
        response.Headers.Add("x-ms-creation-time", "Fri, 20 Nov 2026 00:00:00 GMT");
        response.Content.Headers.ContentLength = end - begin + 1;
        response.Content.Headers.LastModified = DateTimeOffset.UnixEpoch;
        response.Content.Headers.ContentType = new("application/octet-stream");
        if (range is not null)
        {
            response.Content.Headers.ContentRange = new(begin, end, content.Length);
        }

        return response;
    }
}
