using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Serverless.Inference.Execution;

namespace Serverless.Inference.Protocol;

/// <summary>
/// Reads an inference request off the connection: the JSON part where it lies in the connection's buffers, then each binary tensor from there into its own memory,
/// which is the one copy it sees before the model.
/// </summary>
public sealed class InferenceRequestReader(IOptions<InferenceOptions> options)
{
    private const string JsonLengthHeader = ProtocolHeaders.JsonLength;

    private readonly InferenceOptions _options = options.Value;

    /// <summary>Reads a request for a model.</summary>
    /// <param name="request">The HTTP request; its Content-Type does not matter, clients often send none.</param>
    /// <param name="model">The model, which tells what it takes and lends the memory.</param>
    /// <param name="cancellation">Ends the wait for the body.</param>
    /// <exception cref="ProtocolException">4xx, saying what is wrong with the request.</exception>
    public async Task<InferenceRequest> ReadAsync(HttpRequest request, ModelRunner model, CancellationToken cancellation)
    {
        AdmitBody(request);
        var jsonLength = JsonLength(request);
        var parsed = await ReadJsonAsync(request.BodyReader, jsonLength, model, cancellation);
        try
        {
            if (jsonLength is { } header)
            {
                CheckBinaryTotal(parsed, request.ContentLength - header);
            }

            await ReadTensorsAsync(request.BodyReader, parsed, model.Memory, jsonLength is not null, cancellation);
            return parsed;
        }
        catch
        {
            parsed.Dispose();
            throw;
        }
    }

    private void AdmitBody(HttpRequest request)
    {
        if (request.ContentLength > _options.MaxRequestBytes)
        {
            throw ProtocolException.TooLarge(_options.MaxRequestBytes);
        }

        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProtocolException(
                StatusCodes.Status415UnsupportedMediaType, $"The Content-Encoding '{encoding}' is not supported; send the body as it is.");
        }

        // The web server's own limit may be lower than ours, or higher; a body without a Content-Length is cut off here.
        var limit = request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (limit is { IsReadOnly: false })
        {
            limit.MaxRequestBodySize = _options.MaxRequestBytes;
        }
    }

    private static int? JsonLength(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(JsonLengthHeader, out var header))
        {
            return null;
        }

        var text = header.ToString();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            throw ProtocolException.BadRequest($"The header {JsonLengthHeader} is '{text}'; it must be the JSON's length in bytes.");
        }

        return length switch
        {
            0 => throw ProtocolException.BadRequest(
                $"The header {JsonLengthHeader} is 0 (a raw binary request), which is not supported by this server; the server's extensions are listed at GET /v2."),
            _ when length > request.ContentLength => throw ProtocolException.BadRequest(
                $"The header {JsonLengthHeader} is {length}, but the body has {request.ContentLength} bytes."),
            _ => length,
        };
    }

    private async Task<InferenceRequest> ReadJsonAsync(PipeReader body, int? length, ModelRunner model, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            var buffer = read.Buffer;
            if (buffer.Length > _options.MaxRequestBytes)
            {
                throw ProtocolException.TooLarge(_options.MaxRequestBytes);
            }

            if (length is { } header ? buffer.Length >= header : read.IsCompleted)
            {
                var json = length is { } part ? buffer.Slice(0, part) : buffer;
                var parsed = InferenceRequestParser.Parse(json, model.Signature, _options, model.Memory);
                body.AdvanceTo(json.End);
                return parsed;
            }

            if (read.IsCompleted)
            {
                throw ProtocolException.BadRequest($"The body ends after {buffer.Length} bytes, before the {length} bytes of JSON that {JsonLengthHeader} states.");
            }

            body.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static void CheckBinaryTotal(InferenceRequest request, long? sent)
    {
        var expected = 0L;
        foreach (var input in request.Inputs)
        {
            expected += input.Buffer is null ? input.Bytes : 0;
        }

        if (sent is not null && sent != expected)
        {
            throw ProtocolException.BadRequest($"The inputs' binary data takes {expected} bytes in all, the body has {sent} bytes behind its JSON.");
        }
    }

    private static async Task ReadTensorsAsync(PipeReader body, InferenceRequest request, TensorPool memory, bool hasBinaryPart, CancellationToken cancellation)
    {
        foreach (var input in request.Inputs)
        {
            if (input.Buffer is not null)
            {
                continue;
            }

            if (!hasBinaryPart)
            {
                throw ProtocolException.BadRequest(
                    $"Input '{input.Signature.Name}' has binary_data_size, but the request has no {JsonLengthHeader} header, so its whole body is JSON.");
            }

            input.Buffer = memory.Rent(input.Bytes);
            await FillAsync(body, input, cancellation);
        }

        var rest = await body.ReadAsync(cancellation);
        var extra = rest.Buffer.Length;
        body.AdvanceTo(rest.Buffer.End);
        if (extra > 0)
        {
            throw ProtocolException.BadRequest("The body goes on after the last tensor's bytes.");
        }
    }

    private static async Task FillAsync(PipeReader body, InferenceInput input, CancellationToken cancellation)
    {
        var filled = 0;
        while (filled < input.Bytes)
        {
            var read = await body.ReadAsync(cancellation);
            var part = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, input.Bytes - filled));
            part.CopyTo(input.Buffer!.Bytes[filled..]);
            filled += (int)part.Length;
            body.AdvanceTo(part.End);
            if (read.IsCompleted && filled < input.Bytes && part.Length == read.Buffer.Length)
            {
                throw ProtocolException.BadRequest($"Input '{input.Signature.Name}': the body ends after {filled} of the tensor's {input.Bytes} bytes.");
            }
        }

        CheckBooleans(input);
    }

    private static void CheckBooleans(InferenceInput input)
    {
        if (input.Signature.Datatype != Datatype.Bool)
        {
            return;
        }

        var wrong = input.Buffer!.Bytes.IndexOfAnyExceptInRange((byte)0, (byte)1);
        if (wrong >= 0)
        {
            throw ProtocolException.BadRequest($"Input '{input.Signature.Name}': element {wrong} is the byte {input.Buffer.Bytes[wrong]}; BOOL takes 0 and 1.");
        }
    }
}
