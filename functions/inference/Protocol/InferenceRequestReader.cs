using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
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
    /// <exception cref="ProtocolException">4xx, saying what is wrong with the request; 501 for shared memory.</exception>
    public ValueTask<InferenceRequest> ReadAsync(HttpRequest request, ModelRunner model, CancellationToken cancellation)
    {
        Admit(request);
        var jsonLength = JsonLength(request);
        return ContentCoding.Decompress(request) is { } plain
            ? DecompressAsync(plain, request.ContentLength, jsonLength, model, cancellation)
            : ReadAsync(new Body(request.BodyReader, request.ContentLength, request.ContentLength ?? long.MaxValue), jsonLength, model, cancellation);
    }

    private void Admit(HttpRequest request)
    {
        if (request.ContentLength > _options.MaxRequestBytes)
        {
            throw ProtocolException.TooLarge(_options.MaxRequestBytes);
        }

        // The web server's own limit may be lower than ours, or higher; a body without a Content-Length is cut off here.
        var limit = request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (limit is { IsReadOnly: false })
        {
            limit.MaxRequestBodySize = _options.MaxRequestBytes;
        }
    }

    // The length counts the JSON before it is compressed, so it says nothing about the length of a compressed body.
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

        return length > request.ContentLength && request.Headers.ContentEncoding.Count == 0
            ? throw ProtocolException.BadRequest($"The header {JsonLengthHeader} is {length}, but the body has {request.ContentLength} bytes.")
            : length;
    }

    private async ValueTask<InferenceRequest> DecompressAsync(Stream plain, long? compressed, int? jsonLength, ModelRunner model, CancellationToken cancellation)
    {
        var reader = PipeReader.Create(plain);
        try
        {
            var atMost = compressed is { } length ? length * ContentCoding.MaxRatio : long.MaxValue;
            return await ReadAsync(new Body(reader, Length: null, atMost), jsonLength, model, cancellation);
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<InferenceRequest> ReadAsync(Body body, int? jsonLength, ModelRunner model, CancellationToken cancellation)
    {
        var request = jsonLength == 0
            ? RawRequest.Announce(
                model.Signature, body.Length ?? await MeasureAsync(body.Reader, cancellation), _options.MaxRequestBytes, model.Config.MaxBatchSize ?? 0)
            : await ReadJsonAsync(body.Reader, jsonLength, model, cancellation);
        try
        {
            if (jsonLength is > 0 and var header)
            {
                CheckBinaryTotal(request, body, header);
            }

            for (var i = 0; i < request.Inputs.Count; i++)
            {
                if (request.Inputs[i].Buffer is null)
                {
                    await ReadTensorAsync(body.Reader, request.Inputs[i], model.Memory, jsonLength, cancellation);
                }
            }

            await RequireEndAsync(body.Reader, cancellation);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<InferenceRequest> ReadJsonAsync(PipeReader body, int? length, ModelRunner model, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            var buffer = read.Buffer;
            var (consumed, examined) = (buffer.Start, buffer.End);
            try
            {
                CheckSize(buffer.Length);
                if (length is { } header ? buffer.Length >= header : read.IsCompleted)
                {
                    var json = length is { } part ? buffer.Slice(0, part) : buffer;
                    var parsed = InferenceRequestParser.Parse(json, model.Signature, _options, model.Config.MaxBatchSize ?? 0, model.Memory);
                    (consumed, examined) = (json.End, json.End);
                    return parsed;
                }

                if (read.IsCompleted)
                {
                    throw ProtocolException.BadRequest($"The body ends after {buffer.Length} bytes, before the {length} bytes of JSON that {JsonLengthHeader} states.");
                }
            }
            finally
            {
                // After an error too: the web server passes over the rest of the body, and closes the connection where it finds a read still open.
                body.AdvanceTo(consumed, examined);
            }
        }
    }

    // Waits for the whole of a body whose length nobody states, and leaves it to be read.
    private async Task<long> MeasureAsync(PipeReader body, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            var length = read.Buffer.Length;
            body.AdvanceTo(read.Buffer.Start, read.IsCompleted ? read.Buffer.Start : read.Buffer.End);
            CheckSize(length);
            if (read.IsCompleted)
            {
                return length;
            }
        }
    }

    private void CheckSize(long length)
    {
        if (length > _options.MaxRequestBytes)
        {
            throw ProtocolException.TooLarge(_options.MaxRequestBytes);
        }
    }

    private void CheckBinaryTotal(InferenceRequest request, Body body, int header)
    {
        var expected = 0L;
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            expected += request.Inputs[i].Buffer is null ? request.Inputs[i].Bytes : 0;
        }

        if (body.Length is { } length ? length - header != expected : body.AtMost - header < expected)
        {
            throw ProtocolException.BadRequest(
                $"The inputs' binary data takes {expected} bytes in all, the body has {(body.Length ?? body.AtMost) - header} bytes{(body.Length is null ? " at most" : "")} behind its JSON.");
        }

        CheckSize(header + expected);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ReadTensorAsync(PipeReader body, InferenceInput input, TensorPool memory, int? jsonLength, CancellationToken cancellation)
    {
        if (jsonLength is null)
        {
            throw ProtocolException.BadRequest(
                $"Input '{input.Signature.Name}' has binary_data_size, but the request has no {JsonLengthHeader} header, so its whole body is JSON.");
        }

        var bytes = input.Rent(memory);
        var prefix = jsonLength == 0 ? RawRequest.WritePrefix(input, bytes) : 0;
        await FillAsync(body, input, prefix, cancellation);
        switch (input.Signature.Datatype)
        {
            case Datatype.Bool:
                CheckBooleans(input);
                break;
            case Datatype.Bytes:
                BytesTensor.Check(input);
                break;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask RequireEndAsync(PipeReader body, CancellationToken cancellation)
    {
        var rest = await body.ReadAsync(cancellation);
        var extra = rest.Buffer.Length;
        body.AdvanceTo(rest.Buffer.End);
        if (extra > 0)
        {
            throw ProtocolException.BadRequest("The body goes on after the last tensor's bytes.");
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask FillAsync(PipeReader body, InferenceInput input, int from, CancellationToken cancellation)
    {
        var filled = from;
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
    }

    private static void CheckBooleans(InferenceInput input)
    {
        var wrong = input.Buffer!.Bytes.IndexOfAnyExceptInRange((byte)0, (byte)1);
        if (wrong >= 0)
        {
            throw ProtocolException.BadRequest($"Input '{input.Signature.Name}': element {wrong} is the byte {input.Buffer.Bytes[wrong]}; BOOL takes 0 and 1.");
        }
    }

    /// <summary>A request's body as it was before it was compressed.</summary>
    /// <param name="Reader">The bytes.</param>
    /// <param name="Length">How many there are, where that is known beforehand.</param>
    /// <param name="AtMost">How many there can be.</param>
    private readonly record struct Body(PipeReader Reader, long? Length, long AtMost);
}
