using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Inference.Execution;
using Serverless.Inference.Models;

namespace Serverless.Inference.Protocol;

/// <summary>Writes a response: JSON, or JSON and the outputs' bytes as they come from the model.</summary>
public static class InferenceResponseWriter
{
    private const int FlushAfter = 256 << 10;

    /// <summary>Writes a response.</summary>
    /// <param name="response">Where to; nothing has been written to it.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="request">The request.</param>
    /// <param name="outputs">The requested outputs, in the order of the request.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <exception cref="ProtocolException">400, before anything is written: an output cannot be written as JSON.</exception>
    public static async Task WriteAsync(
        HttpResponse response, ServedModel model, InferenceRequest request, InferenceOutputs outputs, CancellationToken cancellation)
    {
        var binary = WriteJson(response, model, request, outputs);
        if (binary)
        {
            for (var i = 0; i < outputs.Count; i++)
            {
                if (request.Outputs[i].Binary)
                {
                    await WriteBytesAsync(response, outputs, i, cancellation);
                }
            }
        }

        await response.BodyWriter.FlushAsync(cancellation);
    }

    // Not asynchronous: the JSON is copied to the connection's buffer before the thread's scratch memory can be used again.
    private static bool WriteJson(HttpResponse response, ServedModel model, InferenceRequest request, InferenceOutputs outputs)
    {
        var scratch = JsonScratch.Take();
        var json = scratch.Writer;
        json.WriteStartObject();
        json.WriteString("model_name"u8, model.Version.Name);
        json.WriteString("model_version"u8, model.VersionText);
        if (request.Id is not null)
        {
            json.WriteString("id"u8, request.Id);
        }

        json.WriteStartArray("outputs"u8);
        var binaryBytes = 0L;
        var binary = false;
        for (var i = 0; i < outputs.Count; i++)
        {
            var requested = request.Outputs[i];
            binary |= requested.Binary;
            binaryBytes += WriteOutput(json, model.Signature.Outputs[requested.Index], requested.Binary, outputs, i);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        var text = scratch.Written();
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentLength = text.Length + binaryBytes;
        response.ContentType = binary ? ProtocolHeaders.Binary : ProtocolHeaders.Json;
        if (binary)
        {
            response.Headers[ProtocolHeaders.JsonLength] = text.Length.ToString(CultureInfo.InvariantCulture);
        }

        response.BodyWriter.Write(text);
        return binary;
    }

    private static int WriteOutput(Utf8JsonWriter json, TensorSignature signature, bool binary, InferenceOutputs outputs, int index)
    {
        var bytes = outputs.Bytes(index);
        json.WriteStartObject();
        json.WriteString("name"u8, signature.Name);
        json.WriteString("datatype"u8, signature.Datatype.Name());
        json.WriteStartArray("shape"u8);
        foreach (var dimension in outputs.Shape(index))
        {
            json.WriteNumberValue(dimension);
        }

        json.WriteEndArray();
        if (binary)
        {
            json.WriteStartObject("parameters"u8);
            json.WriteNumber("binary_data_size"u8, bytes.Length);
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartArray("data"u8);
            WriteElements(json, signature, bytes);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        return binary ? bytes.Length : 0;
    }

    private static void WriteElements(Utf8JsonWriter json, TensorSignature signature, ReadOnlySpan<byte> bytes)
    {
        switch (signature.Datatype)
        {
            case Datatype.Bool:
                foreach (var element in bytes)
                {
                    json.WriteBooleanValue(element != 0);
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

    private static async Task WriteBytesAsync(HttpResponse response, InferenceOutputs outputs, int index, CancellationToken cancellation)
    {
        for (var start = 0; ; start += FlushAfter)
        {
            if (WriteChunk(response, outputs, index, start))
            {
                return;
            }

            await response.BodyWriter.FlushAsync(cancellation);
        }
    }

    private static bool WriteChunk(HttpResponse response, InferenceOutputs outputs, int index, int start)
    {
        var rest = outputs.Bytes(index)[start..];
        response.BodyWriter.Write(rest[..Math.Min(rest.Length, FlushAfter)]);
        return rest.Length <= FlushAfter;
    }
}
