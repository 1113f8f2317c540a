using Serverless.Inference.Execution;
using Serverless.Inference.Models;

namespace Serverless.Inference.Protocol;

/// <summary>One input tensor of a request, checked against the model. It belongs to its request and is used again with it.</summary>
public sealed class InferenceInput
{
    internal InferenceInput(TensorSignature signature)
    {
        Signature = signature;
        Shape = new long[signature.Shape.Length];
    }

    /// <summary>What the model expects.</summary>
    public TensorSignature Signature { get; }

    /// <summary>The given shape; no dimension is -1.</summary>
    public long[] Shape { get; }

    /// <summary>The number of elements.</summary>
    public int Elements { get; private set; }

    /// <summary>How many bytes the elements take as they travel.</summary>
    public int Bytes { get; private set; }

    /// <summary>
    /// The elements, little-endian and row-major, <see cref="Datatype.Bytes"/> as <see cref="BytesTensor"/> says; null while they have not arrived.
    /// </summary>
    public TensorBuffer? Buffer { get; private set; }

    internal void Describe(ReadOnlySpan<long> shape, int elements, int bytes)
    {
        shape.CopyTo(Shape);
        Elements = elements;
        Bytes = bytes;
    }

    /// <summary>Says how many bytes will come, where the number of elements does not.</summary>
    internal void Announce(int bytes) => Bytes = bytes;

    /// <summary>Takes memory for as many bytes as were announced.</summary>
    internal Span<byte> Rent(TensorPool pool) => Rent(pool, Bytes);

    /// <summary>Takes memory for at most this many bytes; <see cref="Shrink"/> says how many it were.</summary>
    internal Span<byte> Rent(TensorPool pool, int bytes)
    {
        Buffer = pool.Rent(bytes);
        Bytes = bytes;
        return Buffer.Bytes;
    }

    internal void Shrink(int bytes)
    {
        Buffer!.Shrink(bytes);
        Bytes = bytes;
    }

    internal void Release()
    {
        Buffer?.Dispose();
        Buffer = null;
    }
}
