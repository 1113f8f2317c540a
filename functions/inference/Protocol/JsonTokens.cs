using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Serverless.Inference.Protocol;

/// <summary>The text of a JSON token for an error message.</summary>
internal static class JsonTokens
{
    /// <summary>What the reader stands on, cut to a length.</summary>
    public static string Describe(in Utf8JsonReader reader, int limit) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.EndArray => "the end of the array",
        JsonTokenType.EndObject => "the end of the object",
        JsonTokenType.None => "nothing",
        JsonTokenType.String => $"'{Raw(reader, limit)}'",
        _ => Raw(reader, limit),
    };

    private static string Raw(in Utf8JsonReader reader, int limit)
    {
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        var shown = (int)Math.Min(length, limit);
        var bytes = reader.HasValueSequence ? reader.ValueSequence.Slice(0, shown).ToArray() : reader.ValueSpan[..shown];
        return Encoding.UTF8.GetString(bytes) + (shown < length ? "…" : "");
    }
}
