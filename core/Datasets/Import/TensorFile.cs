using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Serverless.Core.Tensors;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>A file of one array, rows first: its header is read, its elements are to be read in order.</summary>
internal sealed class TensorFile : IDisposable
{
    private readonly bool _bigEndian;

    /// <param name="file">Positioned at the first element.</param>
    /// <param name="headerBytes">Bytes before it.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="bigEndian">Whether their bytes come most significant first.</param>
    /// <param name="shape">Dimensions; the first counts the rows.</param>
    /// <exception cref="ValidationException">The dimensions are out of range, or the file is not as long as they say.</exception>
    public TensorFile(SourceFile file, long headerBytes, TensorType type, bool bigEndian, IReadOnlyList<long> shape)
    {
        (File, Type, _bigEndian) = (file, type, bigEndian);
        var text = $"[{string.Join(", ", shape)}]";
        if (shape.Count == 0)
        {
            throw file.Error("holds a single number; an array with a row for each example is needed");
        }

        if (shape[0] == 0)
        {
            throw file.Error($"has no rows: its shape is {text}");
        }

        Int128 elements = 1;
        foreach (var dimension in shape.Skip(1))
        {
            elements *= dimension;
            if (dimension < 1 || elements > FeatureSpec.MaxCount)
            {
                throw file.Error($"has the shape {text}; legal are dimensions from 1 up, and at most {FeatureSpec.MaxCount} elements a row");
            }
        }

        Rows = shape[0];
        RowElements = (int)elements;
        RowShape = [.. shape.Skip(1).Select(dimension => (int)dimension)];
        var length = headerBytes + ((Int128)Rows * RowElements * type.Bytes());
        if (length > long.MaxValue || (file.Length is { } actual && actual != (long)length))
        {
            throw file.Error($"has {file.Length} bytes; its header with the shape {text} of {type.SafetensorsName()} makes {length}");
        }
    }

    public SourceFile File { get; }

    public TensorType Type { get; }

    public bool IsFloat => Type is TensorType.Float16 or TensorType.Float32 or TensorType.Float64;

    public long Rows { get; }

    /// <summary>Dimensions of a row; empty where it is one number.</summary>
    public IReadOnlyList<int> RowShape { get; }

    public int RowElements { get; }

    /// <summary>Reads the next elements as float32; doubles too large for that become infinite.</summary>
    public void Read(Span<float> elements, Span<byte> scratch)
    {
        var raw = ReadRaw(elements.Length, scratch);
        switch (Type)
        {
            case TensorType.Float32:
                raw.CopyTo(MemoryMarshal.AsBytes(elements));
                break;
            case TensorType.Bool or TensorType.UInt8:
                Convert<byte, float>(raw, elements);
                break;
            case TensorType.Int8:
                Convert<sbyte, float>(raw, elements);
                break;
            case TensorType.UInt16:
                Convert<ushort, float>(raw, elements);
                break;
            case TensorType.Int16:
                Convert<short, float>(raw, elements);
                break;
            case TensorType.UInt32:
                Convert<uint, float>(raw, elements);
                break;
            case TensorType.Int32:
                Convert<int, float>(raw, elements);
                break;
            case TensorType.UInt64:
                Convert<ulong, float>(raw, elements);
                break;
            case TensorType.Int64:
                Convert<long, float>(raw, elements);
                break;
            case TensorType.Float16:
                Convert<Half, float>(raw, elements);
                break;
            default:
                Convert<double, float>(raw, elements);
                break;
        }
    }

    /// <summary>Reads the next elements as whole numbers; unsigned ones too large for that become the largest.</summary>
    public void Read(Span<long> elements, Span<byte> scratch)
    {
        var raw = ReadRaw(elements.Length, scratch);
        switch (Type)
        {
            case TensorType.Bool or TensorType.UInt8:
                Convert<byte, long>(raw, elements);
                break;
            case TensorType.Int8:
                Convert<sbyte, long>(raw, elements);
                break;
            case TensorType.UInt16:
                Convert<ushort, long>(raw, elements);
                break;
            case TensorType.Int16:
                Convert<short, long>(raw, elements);
                break;
            case TensorType.UInt32:
                Convert<uint, long>(raw, elements);
                break;
            case TensorType.Int32:
                Convert<int, long>(raw, elements);
                break;
            case TensorType.UInt64:
                Convert<ulong, long>(raw, elements);
                break;
            default:
                raw.CopyTo(MemoryMarshal.AsBytes(elements));
                break;
        }
    }

    public void Dispose() => File.Dispose();

    private static void Convert<TFrom, TTo>(ReadOnlySpan<byte> raw, Span<TTo> elements)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : INumber<TTo> =>
        TensorPrimitives.ConvertSaturating(MemoryMarshal.Cast<byte, TFrom>(raw), elements);

    private Span<byte> ReadRaw(int elements, Span<byte> scratch)
    {
        var raw = scratch[..(elements * Type.Bytes())];
        File.ReadExactly(raw, $"a block of {elements} elements");
        if (_bigEndian)
        {
            switch (Type.Bytes())
            {
                case 2:
                    BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ushort>(raw), MemoryMarshal.Cast<byte, ushort>(raw));
                    break;
                case 4:
                    BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, uint>(raw), MemoryMarshal.Cast<byte, uint>(raw));
                    break;
                case 8:
                    BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ulong>(raw), MemoryMarshal.Cast<byte, ulong>(raw));
                    break;
            }
        }

        return raw;
    }
}
