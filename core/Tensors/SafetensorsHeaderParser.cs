using System.Text.Json;

namespace Serverless.Core.Tensors;

/// <summary>Reads the JSON of a safetensors header token by token: no document tree, so a large header costs little more than its tensors.</summary>
internal static class SafetensorsHeaderParser
{
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);

        reader.Read();
        while (ReadName(ref reader) is { } name)
        {
            if (!names.Add(name))
            {
                throw new InvalidDataException($"The safetensors header names '{name}' twice.");
            }

            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new InvalidDataException($"'{name}' in the safetensors header is {Describe(ref reader)}; it must be an object.");
            }

            if (name == SafetensorsHeader.MetadataKey)
            {
                ReadMetadata(ref reader, metadata);
            }
            else
            {
                entries.Add(ReadEntry(ref reader, name));
            }
        }

        // Whatever follows the closing brace other than white space throws here.
        while (reader.Read())
        {
        }

        CheckRanges(entries);
        return new SafetensorsHeader(entries, metadata);
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        while (ReadName(ref reader) is { } key)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw new InvalidDataException($"Metadata '{key}' of the safetensors file is {Describe(ref reader)}; only strings are allowed.");
            }

            if (!metadata.TryAdd(key, reader.GetString()!))
            {
                throw new InvalidDataException($"The safetensors metadata names '{key}' twice.");
            }
        }
    }

    private static SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        TensorType? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (ReadName(ref reader) is { } field)
        {
            reader.Read();
            var repeated = field switch
            {
                "dtype" => type is not null,
                "shape" => shape is not null,
                "data_offsets" => offsets is not null,
                _ => throw new InvalidDataException($"Tensor '{name}' has the unknown field '{field}'; known are dtype, shape and data_offsets."),
            };
            if (repeated)
            {
                throw new InvalidDataException($"Tensor '{name}' names its field '{field}' twice.");
            }

            switch (field)
            {
                case "dtype":
                    type = ReadType(ref reader, name);
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, name, field);
                    break;
                default:
                    offsets = ReadNumbers(ref reader, name, field);
                    break;
            }
        }

        if (type is null || shape is null || offsets is null)
        {
            throw new InvalidDataException($"Tensor '{name}' lacks its {(type is null ? "dtype" : shape is null ? "shape" : "data_offsets")}.");
        }

        if (offsets.Count != 2)
        {
            throw new InvalidDataException($"Tensor '{name}' has {offsets.Count} data_offsets; it must have 2, begin and end.");
        }

        var entry = new SafetensorsEntry(name, type.Value, [.. shape], offsets[0], offsets[1]);
        CheckSize(entry);
        return entry;
    }

    private static TensorType ReadType(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new InvalidDataException($"The dtype of tensor '{name}' is {Describe(ref reader)}; it must be one of {TensorTypes.KnownNames}.");
        }

        var text = reader.GetString()!;
        return TensorTypes.TryParse(text, out var type)
            ? type
            : throw new InvalidDataException($"Tensor '{name}' has the unknown dtype '{Shorten(text)}'; known are {TensorTypes.KnownNames}.");
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, string name, string field)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidDataException($"The {field} of tensor '{name}' is {Describe(ref reader)}; it must be an array of whole numbers.");
        }

        var numbers = new List<long>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
            {
                throw new InvalidDataException($"The {field} of tensor '{name}' holds {Describe(ref reader)}; it must hold whole numbers from 0 to "
                    + $"{long.MaxValue}.");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private static void CheckSize(SafetensorsEntry entry)
    {
        if (entry.End < entry.Begin)
        {
            throw new InvalidDataException($"Tensor '{entry.Name}' ends at byte {entry.End}, before its beginning at {entry.Begin}.");
        }

        if (SafetensorsHeader.ByteCount(entry.Type, entry.Shape) is not { } expected)
        {
            throw new InvalidDataException($"Tensor '{entry.Name}': shape [{string.Join(", ", entry.Shape)}] of {entry.Type.SafetensorsName()} is "
                + $"not a whole number of bytes between 0 and {long.MaxValue}.");
        }

        if (expected != entry.Bytes)
        {
            throw new InvalidDataException($"Tensor '{entry.Name}': shape [{string.Join(", ", entry.Shape)}] of {entry.Type.SafetensorsName()} is "
                + $"{expected} bytes, its range {entry.Begin}..{entry.End} has {entry.Bytes}.");
        }
    }

    private static void CheckRanges(List<SafetensorsEntry> entries)
    {
        // Ties are empty tensors in front of the one that begins where they stand; the sort has to keep that apart, hence the second key.
        entries.Sort((left, right) => left.Begin != right.Begin ? left.Begin.CompareTo(right.Begin) : left.End.CompareTo(right.End));
        long end = 0;
        string? before = null;
        foreach (var entry in entries)
        {
            if (entry.Begin != end)
            {
                var neighbour = before is null ? "the beginning of the data" : $"the end of tensor '{before}'";
                throw new InvalidDataException($"Tensor '{entry.Name}' begins at byte {entry.Begin}, {neighbour} is {end}: "
                    + $"{(entry.Begin < end ? "tensors must not overlap" : "the data must have no holes")}.");
            }

            (end, before) = (entry.End, entry.Name);
        }
    }

    private static string? ReadName(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.EndObject ? null : reader.GetString()!;
    }

    private static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => $"the string '{Shorten(reader.GetString()!)}'",
        JsonTokenType.Number => Shorten(System.Text.Encoding.UTF8.GetString(reader.ValueSpan)),
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => "null",
    };

    private static string Shorten(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…");
}
