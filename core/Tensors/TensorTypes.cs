using System.Collections.Frozen;

namespace Serverless.Core.Tensors;

/// <summary>Names and sizes of <see cref="TensorType"/> as the safetensors format defines them.</summary>
public static class TensorTypes
{
    // Indexed by the enum's value.
    private static readonly (string Name, int Bits)[] Table =
    [
        ("BOOL", 8), ("U8", 8), ("I8", 8), ("U16", 16), ("I16", 16), ("U32", 32), ("I32", 32), ("U64", 64), ("I64", 64),
        ("F16", 16), ("BF16", 16), ("F32", 32), ("F64", 64), ("C64", 64), ("F4", 4), ("F6_E2M3", 6), ("F6_E3M2", 6),
        ("F8_E5M2", 8), ("F8_E4M3", 8), ("F8_E8M0", 8), ("F8_E5M2FNUZ", 8), ("F8_E4M3FNUZ", 8),
    ];

    private static readonly FrozenDictionary<string, TensorType> ByName =
        Table.Select((entry, index) => (entry.Name, Type: (TensorType)index)).ToFrozenDictionary(pair => pair.Name, pair => pair.Type, StringComparer.Ordinal);

    /// <summary>All names a safetensors header may use, for error messages.</summary>
    public static string KnownNames { get; } = string.Join(", ", Table.Select(entry => entry.Name));

    /// <summary>The type's name in a safetensors header, as <c>F32</c>.</summary>
    public static string SafetensorsName(this TensorType type) => Table[(int)type].Name;

    /// <summary>Bits of one element; less than 8 for the packed float types.</summary>
    public static int Bits(this TensorType type) => Table[(int)type].Bits;

    /// <summary>Bytes of one element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is packed: an element is smaller than a byte.</exception>
    public static int Bytes(this TensorType type) => Table[(int)type].Bits is var bits && bits % 8 == 0
        ? bits / 8
        : throw new ArgumentOutOfRangeException(nameof(type), type, "An element of a packed type has no size in bytes.");

    /// <summary>Finds the type with a name as in a safetensors header; names are case-sensitive.</summary>
    public static bool TryParse(string name, out TensorType type) => ByName.TryGetValue(name, out type);
}
