using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Serverless.Inference.Execution;
using Serverless.Inference.Models;

namespace Serverless.Inference.Protocol;

/// <summary>Writes responses: JSON, or JSON and the outputs' bytes as they come from the model; compressed where the client asks for it.</summary>
public sealed class InferenceResponseWriter(IOptions<InferenceOptions> options)
{
    private const int FlushAfter = 256 << 10;

    private readonly int _minCompressedBytes = options.Value.MinCompressedBytes;

    /// <summary>Writes a response.</summary>
    /// <param name="response">Where to; nothing has been written to it.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="request">The request.</param>
    /// <param name="outputs">What it asked for.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="ProtocolException">400, before anything is written: an output cannot be written as JSON.</exception>
    public ValueTask<FlushResult> WriteAsync(
        HttpResponse response, ServedModel model, InferenceRequest request, InferenceOutputs outputs, CancellationToken cancellation)
    {
        var classes = Classify(model, request, outputs);
        var body = WriteJson(response, model, request, outputs, classes);
        return ReferenceEquals(body, response.BodyWriter) && !HasBinary(request)
            ? body.FlushAsync(cancellation)
            : WriteTensorsAsync(response, body, request, outputs, classes, cancellation);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<FlushResult> WriteTensorsAsync(
        HttpResponse response,
        PipeWriter body,
        InferenceRequest request,
        InferenceOutputs outputs,
        (ReadOnlyMemory<byte> Elements, long[] Shape)[]? classes,
        CancellationToken cancellation)
    {
        for (var i = 0; i < outputs.Count; i++)
        {
            for (var start = 0; request.Outputs[i].Binary; start += FlushAfter)
            {
                if (WriteChunk(body, Elements(outputs, classes, i), start))
                {
                    break;
                }

                await body.FlushAsync(cancellation);
            }
        }

        if (!ReferenceEquals(body, response.BodyWriter))
        {
            await body.CompleteAsync();
        }

        return await response.BodyWriter.FlushAsync(cancellation);
    }

    private static bool WriteChunk(PipeWriter body, ReadOnlySpan<byte> elements, int start)
    {
        var rest = elements[start..];
        body.Write(rest[..Math.Min(rest.Length, FlushAfter)]);
        return rest.Length <= FlushAfter;
    }

    private static bool HasBinary(InferenceRequest request)
    {
        foreach (var output in request.AskedFor)
        {
            if (output.Binary)
            {
                return true;
            }
        }

        return false;
    }

    private static (ReadOnlyMemory<byte> Elements, long[] Shape)[]? Classify(ServedModel model, InferenceRequest request, InferenceOutputs outputs)
    {
        (ReadOnlyMemory<byte>, long[])[]? classes = null;
        for (var i = 0; i < outputs.Count; i++)
        {
            if (request.AskedFor[i] is { Classes: > 0 } asked)
            {
                classes ??= new (ReadOnlyMemory<byte>, long[])[outputs.Count];
                classes[i] = Classification.Best(model.Signature.Outputs[asked.Index], outputs.Shape(i), outputs.Bytes(i), asked.Classes, model.Classes);
            }
        }

        return classes;
    }

    private static ReadOnlySpan<byte> Elements(InferenceOutputs outputs, (ReadOnlyMemory<byte> Elements, long[] Shape)[]? classes, int index) =>
        classes?[index] is { Shape: not null } classified ? classified.Elements.Span : outputs.Bytes(index);

    // Not asynchronous: the JSON is copied to the connection's buffer before the thread's scratch memory can be used again.
    private PipeWriter WriteJson(
        HttpResponse response, ServedModel model, InferenceRequest request, InferenceOutputs outputs, (ReadOnlyMemory<byte> Elements, long[] Shape)[]? classes)
    {
        var scratch = JsonScratch.Take();
        var json = scratch.Writer;
        json.WriteStartObject();
        json.WriteString("model_name"u8, model.Name);
        json.WriteString("model_version"u8, model.VersionText);
        if (request.HasId)
        {
            json.WriteString("id"u8, request.Id);
        }

        json.WriteStartArray("outputs"u8);
        var binaryBytes = 0L;
        for (var i = 0; i < outputs.Count; i++)
        {
            var asked = request.AskedFor[i];
            var signature = model.Signature.Outputs[asked.Index];
            var elements = Elements(outputs, classes, i);
            var isClassified = asked.Classes > 0;
            WriteOutput(json, signature, isClassified ? Datatype.Bytes : signature.Datatype, isClassified ? classes![i].Shape : outputs.Shape(i), elements, asked.Binary);
            binaryBytes += asked.Binary ? elements.Length : 0;
        }

        json.WriteEndArray();
        json.WriteEndObject();
        var text = scratch.Written();
        var hasBinary = HasBinary(request);
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = hasBinary ? ProtocolHeaders.Binary : ProtocolHeaders.Json;
        if (hasBinary)
        {
            response.Headers[ProtocolHeaders.JsonLength] = text.Length.ToString(CultureInfo.InvariantCulture);
        }

        var body = Open(response, text.Length + binaryBytes);
        body.Write(text);
        return body;
    }

    private PipeWriter Open(HttpResponse response, long bytes)
    {
        if (ContentCoding.ForResponse(response.HttpContext.Request, bytes, _minCompressedBytes) is not { } coding)
        {
            response.ContentLength = bytes;
            return response.BodyWriter;
        }

        response.Headers.ContentEncoding = coding;
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        return ContentCoding.Compress(response.Body, coding);
    }

    private static void WriteOutput(
        Utf8JsonWriter json, TensorSignature signature, Datatype datatype, ReadOnlySpan<long> shape, ReadOnlySpan<byte> elements, bool binary)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, signature.Name);
        json.WriteString("datatype"u8, datatype.Name());
        json.WriteStartArray("shape"u8);
        foreach (var dimension in shape)
        {
            json.WriteNumberValue(dimension);
        }

        json.WriteEndArray();
        if (binary)
        {
            json.WriteStartObject("parameters"u8);
            json.WriteNumber("binary_data_size"u8, elements.Length);
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartArray("data"u8);
            WriteElements(json, signature, datatype, elements);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteElements(Utf8JsonWriter json, TensorSignature signature, Datatype datatype, ReadOnlySpan<byte> bytes)
    {
        switch (datatype)
        {
            case Datatype.Bool:
                foreach (var element in bytes)
                {
                    json.WriteBooleanValue(element != 0);
                }

                break;
            case Datatype.Bytes:
                while (bytes.Length > 0)
                {
                    var element = BytesTensor.Next(ref bytes);
                    json.WriteStringValue(Utf8.IsValid(element) ? element : throw NotText(signature));
                }

                break;
            case Datatype.Fp32:
                foreach (var element in MemoryMarshal.Cast<byte, float>(bytes))
                {
                    json.WriteNumberValue(float.IsFinite(element) ? element : throw NotFinite(signature));
                }

                break;
            case Datatype.Fp64:
                foreach (var element in MemoryMarshal.Cast<byte, double>(bytes))
                {
                    json.WriteNumberValue(double.IsFinite(element) ? element : throw NotFinite(signature));
                }

                break;
            case Datatype.UInt8:
                foreach (var element in bytes)
                {
                    json.WriteNumberValue((uint)element);
                }

                break;
            case Datatype.UInt16:
                foreach (var element in MemoryMarshal.Cast<byte, ushort>(bytes))
                {
                    json.WriteNumberValue((uint)element);
                }

                break;
            case Datatype.UInt32:
                foreach (var element in MemoryMarshal.Cast<byte, uint>(bytes))
                {
                    json.WriteNumberValue(element);
                }

                break;
            case Datatype.UInt64:
                foreach (var element in MemoryMarshal.Cast<byte, ulong>(bytes))
                {
                    json.WriteNumberValue(element);
                }

                break;
            case Datatype.Int8:
                foreach (var element in MemoryMarshal.Cast<byte, sbyte>(bytes))
                {
                    json.WriteNumberValue((int)element);
                }

                break;
            case Datatype.Int16:
                foreach (var element in MemoryMarshal.Cast<byte, short>(bytes))
                {
                    json.WriteNumberValue((int)element);
                }

                break;
            case Datatype.Int32:
                foreach (var element in MemoryMarshal.Cast<byte, int>(bytes))
                {
                    json.WriteNumberValue(element);
                }

                break;
            case Datatype.Int64:
                foreach (var element in MemoryMarshal.Cast<byte, long>(bytes))
                {
                    json.WriteNumberValue(element);
                }

                break;
            default:
                throw ProtocolException.BadRequest(
                    $"Output '{signature.Name}' is {signature.Datatype.Name()}, which travels only as binary data; ask for it with binary_data true.");
        }
    }

    private static ProtocolException NotFinite(TensorSignature signature) => ProtocolException.BadRequest(
        $"Output '{signature.Name}' has NaN or infinite elements for these inputs, which JSON cannot carry; ask for it with binary_data true.");

    private static ProtocolException NotText(TensorSignature signature) => ProtocolException.BadRequest(
        $"Output '{signature.Name}' has elements that are not UTF-8 text, which JSON cannot carry; ask for it with binary_data true.");
}
