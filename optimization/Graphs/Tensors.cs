using System.Runtime.InteropServices;
using Google.Protobuf;
using Serverless.Core.Networks.Onnx;
using static Serverless.Core.Networks.Onnx.TensorProto.Types;

namespace Serverless.Optimization.Graphs;

/// <summary>Reads and makes constant tensors.</summary>
internal static class Tensors
{
    /// <summary>The elements of a float32 tensor, wherever the file keeps them.</summary>
    /// <exception cref="InvalidDataException">They are not as many as its dimensions say.</exception>
    public static float[] Floats(this TensorProto tensor)
    {
        var values = tensor.HasRawData ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];
        return values.Length == tensor.Elements()
            ? values
            : throw new InvalidDataException($"The constant '{tensor.Name}' has {values.Length} elements, its dimensions [{string.Join(",", tensor.Dims)}] say {tensor.Elements()}.");
    }

    /// <summary>How many elements a tensor has.</summary>
    public static long Elements(this TensorProto tensor) => tensor.Dims.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>A tensor of numbers.</summary>
    public static TensorProto Of<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        TensorProto tensor = new() { DataType = (int)TypeOf<T>(), RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)) };
        tensor.Dims.AddRange(shape.ToArray());
        return tensor;
    }

    /// <summary>A tensor of one number and no dimensions.</summary>
    public static TensorProto Scalar<T>(T value)
        where T : unmanaged => Of<T>([value]);

    private static DataType TypeOf<T>() =>
        typeof(T) == typeof(float) ? DataType.Float
        : typeof(T) == typeof(byte) ? DataType.Uint8
        : typeof(T) == typeof(sbyte) ? DataType.Int8
        : typeof(T) == typeof(int) ? DataType.Int32
        : typeof(T) == typeof(long) ? DataType.Int64
        : typeof(T) == typeof(Half) ? DataType.Float16
        : throw new NotSupportedException($"no tensors of {typeof(T)}");
}
