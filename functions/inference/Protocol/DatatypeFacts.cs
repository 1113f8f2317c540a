using System.Text;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serverless.Inference.Protocol;

/// <summary>Names, sizes and ONNX Runtime counterparts of the protocol's datatypes.</summary>
public static class DatatypeFacts
{
    // Indexed by Datatype.
    private static readonly string[] Names =
        ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "BF16", "FP32", "FP64", "BYTES"];

    private static readonly byte[][] Utf8Names = [.. Names.Select(Encoding.UTF8.GetBytes)];

    private static readonly int[] Sizes = [1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8, sizeof(uint)];

    private static readonly TensorElementType[] ElementTypes =
    [
        TensorElementType.Bool, TensorElementType.UInt8, TensorElementType.UInt16, TensorElementType.UInt32, TensorElementType.UInt64,
        TensorElementType.Int8, TensorElementType.Int16, TensorElementType.Int32, TensorElementType.Int64,
        TensorElementType.Float16, TensorElementType.BFloat16, TensorElementType.Float, TensorElementType.Double, TensorElementType.String,
    ];

    /// <summary>All names, for error messages.</summary>
    public static string Legal { get; } = string.Join(", ", Names);

    /// <summary>The protocol's name, such as <c>FP32</c>.</summary>
    public static string Name(this Datatype datatype) => Names[(int)datatype];

    /// <summary>Bytes of one element; of <see cref="Datatype.Bytes"/> the fewest it can have, which is its length with nothing behind it.</summary>
    public static int Size(this Datatype datatype) => Sizes[(int)datatype];

    /// <summary>ONNX Runtime's name for the type.</summary>
    public static TensorElementType ElementType(this Datatype datatype) => ElementTypes[(int)datatype];

    /// <summary>Whether the protocol forbids the type in JSON.</summary>
    public static bool IsBinaryOnly(this Datatype datatype) => datatype is Datatype.Fp16 or Datatype.Bf16;

    /// <summary>The datatype of an ONNX element type, or null for one without a protocol name.</summary>
    public static Datatype? FromElementType(TensorElementType type)
    {
        var index = Array.IndexOf(ElementTypes, type);
        return index < 0 ? null : (Datatype)index;
    }

    /// <summary>The datatype named by the JSON string the reader stands on, or null.</summary>
    public static Datatype? Read(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < Utf8Names.Length; i++)
        {
            if (reader.ValueTextEquals(Utf8Names[i]))
            {
                return (Datatype)i;
            }
        }

        return null;
    }
}
