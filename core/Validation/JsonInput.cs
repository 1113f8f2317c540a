using System.Text.Json;

namespace Serverless.Core.Validation;

/// <summary>Reads JSON that came from outside: strict, and bounded in size and depth before anything is built from it.</summary>
public static class JsonInput
{
    /// <summary>Deepest nesting that is read.</summary>
    public const int MaximumDepth = 48;

    private static readonly JsonDocumentOptions Strict = new()
    {
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = MaximumDepth,
    };

    /// <summary>Parses one JSON value.</summary>
    /// <param name="json">UTF-8 text.</param>
    /// <param name="maximumBytes">Longest text accepted.</param>
    /// <exception cref="ValidationException">Too long, too deep, a field given twice, or not JSON: the message says where.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, int maximumBytes)
    {
        if (json.Length > maximumBytes)
        {
            throw TooLong($"{json.Length:N0} bytes", maximumBytes);
        }

        try
        {
            CheckTexts(json.Span);
            return JsonDocument.Parse(json, Strict);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is how the parser reports texts that are not Unicode.
            throw new ValidationException("", $"this is not valid JSON, nested at most {MaximumDepth} deep: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Reads <paramref name="stream"/> to its end and parses it, giving up as soon as it turns out too long.</summary>
    /// <exception cref="ValidationException">As for <see cref="Parse"/>.</exception>
    public static async Task<JsonDocument> ReadAsync(Stream stream, int maximumBytes, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var buffer = new byte[4096];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, maximumBytes + 1));
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellation);
            if (read == 0)
            {
                return Parse(buffer.AsMemory(0, length), maximumBytes);
            }

            length += read;
            if (length > maximumBytes)
            {
                throw TooLong($"more than {maximumBytes:N0} bytes", maximumBytes);
            }
        }
    }

    // A document only looks at texts when they are asked for: invalid UTF-8 and half surrogates would be met somewhere later.
    private static void CheckTexts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                reader.GetString();
            }
        }
    }

    private static ValidationException TooLong(string met, int maximumBytes) =>
        new("", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the JSON is {met} long, at most {maximumBytes:N0} bytes are accepted"));
}
