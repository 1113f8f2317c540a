using Serverless.Inference.Models;

namespace Serverless.Inference.Protocol;

/// <summary>
/// A request without JSON: the body is the bytes of the model's only input, whose shape follows from how many there are, and all outputs come back as binary.
/// </summary>
internal static class RawRequest
{
    /// <summary>Makes the request; its input's bytes are still to be read.</summary>
    /// <param name="model">What the model takes.</param>
    /// <param name="length">The body's length.</param>
    /// <param name="maxBytes">The largest tensor.</param>
    /// <param name="maxBatch">The most rows of a request, where a free first dimension counts rows; 0 where it does not.</param>
    /// <exception cref="ProtocolException">400: the model takes no raw requests, or none of this length.</exception>
    public static InferenceRequest Announce(ModelSignature model, long length, int maxBytes, int maxBatch)
    {
        if (model.Inputs.Length != 1)
        {
            throw ProtocolException.BadRequest($"A request without JSON needs a model with one input, this one has {model.Inputs.Length}.");
        }

        var signature = model.Inputs[0];
        long[] shape = [.. signature.Shape];
        if (signature.Datatype == Datatype.Bytes)
        {
            DescribeElement(signature, shape);
        }
        else
        {
            Describe(signature, shape, length, maxBytes, maxBatch);
        }

        var request = model.RentRequest();
        var elements = (int)Shapes.Elements(shape);
        request.Add(0, shape, elements, (int)length + (signature.Datatype == Datatype.Bytes ? BytesTensor.PrefixBytes : 0));
        request.Decide(binaryByDefault: true);
        return request;
    }

    /// <summary>Completes a raw element with the length that it comes without; returns how many bytes that took.</summary>
    public static int WritePrefix(InferenceInput input, Span<byte> tensor)
    {
        if (input.Signature.Datatype != Datatype.Bytes)
        {
            return 0;
        }

        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(tensor, tensor.Length - BytesTensor.PrefixBytes);
        return BytesTensor.PrefixBytes;
    }

    private static void DescribeElement(TensorSignature signature, long[] shape)
    {
        foreach (ref var dimension in shape.AsSpan())
        {
            dimension = dimension is -1 or 1 ? 1 : throw ProtocolException.BadRequest(
                $"Input '{signature.Name}': a request without JSON is one element of BYTES, the model takes the shape {Shapes.Describe(signature.Shape)}.");
        }
    }

    // One dimension can be told from the length. Where there is a free one besides the first, the first counts rows, and this is one.
    private static void Describe(TensorSignature signature, long[] shape, long length, int maxBytes, int maxBatch)
    {
        if (shape.Count(dimension => dimension < 0) == 2 && shape[0] < 0)
        {
            shape[0] = 1;
        }

        var free = Array.IndexOf(shape, -1);
        if (free >= 0 && Array.LastIndexOf(shape, -1) != free)
        {
            throw ProtocolException.BadRequest(
                $"Input '{signature.Name}': a request without JSON says nothing about the free dimensions of the shape {Shapes.Describe(signature.Shape)}; at most one can be told from its length.");
        }

        var size = signature.Datatype.Size();
        if (free >= 0)
        {
            shape[free] = 1;
            var rest = Shapes.Elements(shape);
            shape[free] = rest > 0 ? length / size / rest : 0;
        }

        var elements = Shapes.Elements(shape);
        if (elements < 0 || elements > maxBytes / size || elements * size != length)
        {
            throw ProtocolException.BadRequest($"Input '{signature.Name}': {length} bytes are no tensor of {signature.Datatype.Name()} and shape {Shapes.Describe(signature.Shape)}.");
        }

        if (maxBatch > 0 && free == 0 && (shape[0] < 1 || shape[0] > maxBatch))
        {
            throw ProtocolException.BadRequest($"Input '{signature.Name}': the batch of {shape[0]} is outside 1 to {maxBatch}.");
        }
    }
}
