using System.Runtime.InteropServices;

namespace Serverless.Core.Tensors;

/// <summary>A tensor to be written: a name, a shape and the caller's memory, which is not copied.</summary>
public sealed class SafetensorsTensor
{
    // Both kinds of memory are held as byte pieces of this size (the last may be shorter).
    private const int PieceBytes = 4 * FloatBytes.MaxFloats;

    private readonly ReadOnlyMemory<byte>[] _pieces;

    /// <summary>A float32 tensor over the caller's memory.</summary>
    /// <exception cref="ArgumentException"><paramref name="shape"/> and the length of <paramref name="values"/> do not fit.</exception>
    public SafetensorsTensor(string name, IReadOnlyList<long> shape, ReadOnlyMemory<float> values)
        : this(name, TensorType.Float32, shape, 4L * values.Length)
    {
        var floats = MemoryMarshal.AsMemory(values);
        for (var i = 0; i < _pieces.Length; i++)
        {
            var begin = i * FloatBytes.MaxFloats;
            _pieces[i] = FloatBytes.Of(floats.Slice(begin, Math.Min(FloatBytes.MaxFloats, floats.Length - begin)));
        }
    }

    /// <summary>A flat float32 tensor over the caller's memory.</summary>
    public SafetensorsTensor(string name, ReadOnlyMemory<float> values)
        : this(name, [values.Length], values)
    {
    }

    /// <summary>A tensor of any type over the caller's little-endian bytes.</summary>
    /// <exception cref="ArgumentException"><paramref name="type"/>, <paramref name="shape"/> and the length of <paramref name="bytes"/> do not fit.</exception>
    public SafetensorsTensor(string name, TensorType type, IReadOnlyList<long> shape, ReadOnlyMemory<byte> bytes)
        : this(name, type, shape, (long)bytes.Length)
    {
        for (var i = 0; i < _pieces.Length; i++)
        {
            var begin = i * PieceBytes;
            _pieces[i] = bytes.Slice(begin, Math.Min(PieceBytes, bytes.Length - begin));
        }
    }

    private SafetensorsTensor(string name, TensorType type, IReadOnlyList<long> shape, long bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == SafetensorsHeader.MetadataKey)
        {
            throw new ArgumentException($"'{name}' is reserved for the file's metadata and cannot name a tensor.", nameof(name));
        }

        var text = $"Tensor '{name}': shape [{string.Join(", ", shape)}] of {type.SafetensorsName()}";
        var expected = SafetensorsHeader.ByteCount(type, shape)
            ?? throw new ArgumentException($"{text} is not a whole number of bytes between 0 and {long.MaxValue}.", nameof(shape));
        if (expected != bytes)
        {
            throw new ArgumentException($"{text} is {expected} bytes, the data has {bytes}.", nameof(shape));
        }

        (Name, Type, Shape, Bytes) = (name, type, shape, bytes);
        _pieces = new ReadOnlyMemory<byte>[(bytes + PieceBytes - 1) / PieceBytes];
    }

    /// <summary>Name of the tensor in the file.</summary>
    public string Name { get; }

    /// <summary>Element type.</summary>
    public TensorType Type { get; }

    /// <summary>Dimensions.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Size of the data in bytes.</summary>
    public long Bytes { get; }

    /// <summary>The data from byte <paramref name="offset"/> on: at least one and at most <paramref name="count"/> bytes of it.</summary>
    internal ReadOnlyMemory<byte> Slice(long offset, int count)
    {
        var piece = _pieces[offset / PieceBytes][(int)(offset % PieceBytes)..];
        return piece[..Math.Min(count, piece.Length)];
    }
}
