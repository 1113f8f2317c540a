using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Inference.Protocol;

/// <summary>Whole bodies of requests other than inference.</summary>
internal static class RequestBody
{
    /// <summary>Reads a body to its end and hands it on while it lies in the connection's buffers.</summary>
    /// <param name="request">The request.</param>
    /// <param name="limit">The largest body in bytes.</param>
    /// <param name="read">What to do with it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="ProtocolException">413: it is larger than the limit. 400: it cannot be decompressed. 415: it is compressed in an unknown way.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, int limit, Func<ReadOnlySequence<byte>, T> read, CancellationToken cancellation)
    {
        if (request.ContentLength > limit)
        {
            throw ProtocolException.TooLarge(limit);
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } maximum)
        {
            maximum.MaxRequestBodySize = limit;
        }

        if (ContentCoding.Decompress(request) is not { } plain)
        {
            return await ReadAsync(request.BodyReader, limit, read, cancellation);
        }

        var reader = PipeReader.Create(plain);
        try
        {
            return await ReadAsync(reader, limit, read, cancellation);
        }
        catch (InvalidDataException broken)
        {
            throw ProtocolException.BadRequest($"The body cannot be decompressed: {broken.Message}");
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static async Task<T> ReadAsync<T>(PipeReader body, int limit, Func<ReadOnlySequence<byte>, T> read, CancellationToken cancellation)
    {
        while (true)
        {
            var part = await body.ReadAsync(cancellation);
            var consumed = part.Buffer.Start;
            try
            {
                if (part.Buffer.Length > limit)
                {
                    throw ProtocolException.TooLarge(limit);
                }

                if (part.IsCompleted)
                {
                    consumed = part.Buffer.End;
                    return read(part.Buffer);
                }
            }
            finally
            {
                // A connection left in the middle of a read cannot be used again.
                body.AdvanceTo(consumed, part.Buffer.End);
            }
        }
    }
}
