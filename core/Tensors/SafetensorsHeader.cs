using System.Text.Json;

namespace Serverless.Core.Tensors;

/// <summary>
/// The header of a safetensors file: which tensors the file holds and where. Every rule of the format is checked while parsing, so that a header that was
/// accepted cannot point outside the file, leave a hole in it or make a reader allocate more than the file holds.
/// Format: https://github.com/huggingface/safetensors#format
/// </summary>
public sealed class SafetensorsHeader
{
    /// <summary>Largest header the format allows, in bytes.</summary>
    public const int MaxBytes = 100_000_000;

    /// <summary>Bytes in front of the header: its length as a little-endian 64-bit number.</summary>
    public const int PrefixBytes = 8;

    internal const string MetadataKey = "__metadata__";

    private readonly Dictionary<string, SafetensorsEntry> _byName;

    internal SafetensorsHeader(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        Entries = entries;
        Metadata = metadata;
        _byName = entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        DataBytes = entries.Count == 0 ? 0 : entries[^1].End;
    }

    /// <summary>The tensors in the order of their data in the file.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>The file's free-form strings.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Size of all tensor data in bytes.</summary>
    public long DataBytes { get; }

    /// <summary>Finds a tensor by name.</summary>
    public SafetensorsEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Finds a tensor by name.</summary>
    /// <exception cref="InvalidDataException">There is none; the message lists what there is.</exception>
    public SafetensorsEntry Get(string name) => Find(name)
        ?? throw new InvalidDataException($"The file has no tensor '{name}'; it has "
            + $"{(Entries.Count == 0 ? "none" : string.Join(", ", Entries.Take(20).Select(entry => $"'{entry.Name}'")))}.");

    /// <summary>Finds a metadata string.</summary>
    /// <exception cref="InvalidDataException">There is none with this key.</exception>
    public string GetMetadata(string key) => Metadata.TryGetValue(key, out var value)
        ? value
        : throw new InvalidDataException($"The file's metadata has no '{key}'.");

    /// <summary>Parses and checks a header.</summary>
    /// <param name="json">The header without the eight bytes in front of it.</param>
    /// <param name="dataBytes">How many bytes follow the header, where that is known.</param>
    /// <exception cref="InvalidDataException">A rule of the format is broken; the message names the tensor, the value met and what is legal.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long? dataBytes = null)
    {
        if (json.Length > MaxBytes)
        {
            throw new InvalidDataException($"The safetensors header has {json.Length} bytes; at most {MaxBytes} are allowed.");
        }

        if (json.Length == 0 || json[0] != (byte)'{')
        {
            throw new InvalidDataException(json.Length == 0
                ? "The safetensors header is empty; the shortest is '{}'."
                : $"The safetensors header begins with byte 0x{json[0]:x2}; it must begin with '{{' (0x7b).");
        }

        try
        {
            var header = SafetensorsHeaderParser.Parse(json);
            if (dataBytes is { } length && header.DataBytes != length)
            {
                throw new InvalidDataException($"The safetensors header describes {header.DataBytes} bytes of tensor data, the file has {length}.");
            }

            return header;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Utf8JsonReader.GetString reports invalid UTF-8 as InvalidOperationException.
            throw new InvalidDataException($"The safetensors header is not valid JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Bytes of a tensor, or null when a dimension is negative, the product overflows or packed elements do not fill whole bytes.</summary>
    internal static long? ByteCount(TensorType type, IReadOnlyList<long> shape)
    {
        // Multiplied in the order given even past a zero, as the reference does: a shape whose partial product overflows is refused.
        Int128 elements = 1;
        foreach (var dimension in shape)
        {
            elements *= dimension;
            if (dimension < 0 || elements > long.MaxValue)
            {
                return null;
            }
        }

        var bits = elements * type.Bits();
        return bits % 8 == 0 && bits / 8 <= long.MaxValue ? (long)(bits / 8) : null;
    }
}
