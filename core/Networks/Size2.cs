using System.Text.Json;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks;

/// <summary>A height and a width, such as a kernel's. In JSON one number stands for both: <c>3</c> or <c>[3, 5]</c>.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct Size2(int Height, int Width)
{
    /// <summary>The same in both directions.</summary>
    public Size2(int side)
        : this(side, side)
    {
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Height}x{Width}";

    internal static Size2 Read(ObjectReader reader, string field, int minimum, int maximum, Size2? fallback = null)
    {
        if (!reader.TryGet(field, out JsonElement value))
        {
            if (fallback is null)
            {
                reader.Missing(field, $"a whole number of {minimum}..{maximum}, or two as [height, width],");
            }

            return fallback ?? new Size2(minimum);
        }

        string path = reader.PathOf(field);
        if (value.ValueKind != JsonValueKind.Array)
        {
            return new Size2((int)ObjectReader.Whole(value, path, minimum, maximum, reader.Errors));
        }

        if (value.GetArrayLength() != 2)
        {
            reader.Fail(field, $"is an array of {value.GetArrayLength()}; legal are one whole number or two as [height, width]");
            return new Size2(minimum);
        }

        return new Size2(
            (int)ObjectReader.Whole(value[0], $"{path}[0]", minimum, maximum, reader.Errors),
            (int)ObjectReader.Whole(value[1], $"{path}[1]", minimum, maximum, reader.Errors));
    }

    internal void Write(Utf8JsonWriter json, string field)
    {
        if (Height == Width)
        {
            json.WriteNumber(field, Height);
            return;
        }

        json.WriteStartArray(field);
        json.WriteNumberValue(Height);
        json.WriteNumberValue(Width);
        json.WriteEndArray();
    }
}
