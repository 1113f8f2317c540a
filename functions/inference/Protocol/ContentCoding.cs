using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Serverless.Inference.Protocol;

/// <summary>Compressed bodies: gzip and deflate (which in HTTP is the zlib format), in requests and in responses.</summary>
internal static class ContentCoding
{
    /// <summary>The most that either form can shrink data: a request that claims more than this is lying.</summary>
    public const int MaxRatio = 1032;

    private const string GZip = "gzip";
    private const string Deflate = "deflate";

    /// <summary>The stream that gives a request's body as it was before it was compressed; null for one that is not compressed.</summary>
    /// <exception cref="ProtocolException">415: compressed in another way.</exception>
    public static Stream? Decompress(HttpRequest request)
    {
        var coding = request.Headers.ContentEncoding.ToString();
        return coding.Length == 0 || Is(coding, "identity") ? null
            : Is(coding, GZip) || Is(coding, "x-gzip") ? new GZipStream(request.Body, CompressionMode.Decompress)
            : Is(coding, Deflate) ? new ZLibStream(request.Body, CompressionMode.Decompress)
            : throw new ProtocolException(
                StatusCodes.Status415UnsupportedMediaType, $"The Content-Encoding '{Cut(coding)}' is not supported; legal are {GZip}, {Deflate} and none.");
    }

    /// <summary>How a response of this length is to be compressed, by what the client accepts; null for not at all.</summary>
    /// <param name="request">The request.</param>
    /// <param name="bytes">The response's length before.</param>
    /// <param name="atLeast">Responses shorter than this many bytes are not worth it.</param>
    public static string? ForResponse(HttpRequest request, long bytes, int atLeast)
    {
        var accepted = request.Headers.AcceptEncoding;
        if (accepted.Count == 0 || bytes < atLeast)
        {
            return null;
        }

        var gzip = Weight(accepted.ToString(), GZip);
        var deflate = Weight(accepted.ToString(), Deflate);
        return gzip <= 0 && deflate <= 0 ? null : gzip >= deflate ? GZip : Deflate;
    }

    /// <summary>Writes to a stream in compressed form; to be completed.</summary>
    public static PipeWriter Compress(Stream into, string coding) => PipeWriter.Create(coding == GZip
        ? new GZipStream(into, CompressionLevel.Fastest, leaveOpen: true)
        : new ZLibStream(into, CompressionLevel.Fastest, leaveOpen: true));

    // RFC 9110, 12.5.3: "gzip;q=0.5, deflate, *;q=0"; what is not named is not accepted, but for what '*' says.
    private static double Weight(string accepted, string coding)
    {
        var weight = 0d;
        foreach (var part in accepted.AsSpan().Split(','))
        {
            var offer = accepted.AsSpan()[part].Trim();
            var end = offer.IndexOf(';');
            var name = (end < 0 ? offer : offer[..end]).Trim();
            if (name is "*")
            {
                weight = Quality(offer, end);
            }
            else if (name.Equals(coding, StringComparison.OrdinalIgnoreCase))
            {
                return Quality(offer, end);
            }
        }

        return weight;
    }

    private static double Quality(ReadOnlySpan<char> offer, int parameters)
    {
        var at = parameters < 0 ? -1 : offer.IndexOf("q=", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? 1 : double.TryParse(offer[(at + 2)..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quality) ? quality : 0;
    }

    private static bool Is(string coding, string name) => coding.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string Cut(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
