using System.Buffers.Binary;

namespace Serverless.Inference.Protocol;

/// <summary>Elements of <see cref="Datatype.Bytes"/> as they travel: each is its length, 4 bytes little-endian, and then its bytes.</summary>
public static class BytesTensor
{
    /// <summary>Bytes of an element's length.</summary>
    public const int PrefixBytes = sizeof(uint);

    /// <summary>Appends an element and returns how many bytes that took.</summary>
    public static int Write(Span<byte> into, ReadOnlySpan<byte> element)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(into, (uint)element.Length);
        element.CopyTo(into[PrefixBytes..]);
        return PrefixBytes + element.Length;
    }

    /// <summary>Takes the next element off the front; the tensor must have been checked.</summary>
    public static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> tensor)
    {
        var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(tensor);
        var element = tensor.Slice(PrefixBytes, length);
        tensor = tensor[(PrefixBytes + length)..];
        return element;
    }

    /// <summary>Checks that the bytes are that many elements and nothing else.</summary>
    /// <exception cref="ProtocolException">400, naming the input and the element that is wrong.</exception>
    internal static void Check(InferenceInput input)
    {
        ReadOnlySpan<byte> rest = input.Buffer!.Bytes;
        for (var i = 0; i < input.Elements; i++)
        {
            if (rest.Length < PrefixBytes)
            {
                throw ProtocolException.BadRequest(
                    $"Input '{input.Signature.Name}': the bytes end before element {i} of {input.Elements}; every element of BYTES starts with its length in {PrefixBytes} bytes.");
            }

            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            if (length > rest.Length - PrefixBytes)
            {
                throw ProtocolException.BadRequest(
                    $"Input '{input.Signature.Name}': element {i} states a length of {length} bytes, {rest.Length - PrefixBytes} are left.");
            }

            rest = rest[(PrefixBytes + (int)length)..];
        }

        if (rest.Length > 0)
        {
            throw ProtocolException.BadRequest($"Input '{input.Signature.Name}': {rest.Length} bytes are left after its {input.Elements} elements.");
        }
    }
}
