using System.Globalization;
using System.Text.Json;

namespace Serverless.Core.Validation;

/// <summary>
/// Reads one JSON object strictly: every field asked for is checked against its range, and <see cref="Finish"/> reports the fields nobody asked for together with
/// what they were probably meant to be. Nothing throws; what is wrong goes to the collected errors and the fallback (or the range's nearest value) is returned.
/// </summary>
public sealed class ObjectReader
{
    private const int LongestQuote = 64;

    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];

    /// <summary>Begins reading an object.</summary>
    /// <param name="element">What should be an object.</param>
    /// <param name="path">Where it is in the input, such as <c>network.layers[2]</c>; empty for the root.</param>
    /// <param name="errors">Where errors go.</param>
    public ObjectReader(JsonElement element, string path, FieldErrors errors)
    {
        Path = path;
        Errors = errors;
        IsObject = element.ValueKind == JsonValueKind.Object;
        if (!IsObject)
        {
            errors.Add(path, $"is {Describe(element)}; an object is needed");
            return;
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!_fields.TryAdd(property.Name, property.Value))
            {
                errors.Add(PathOf(Quote(property.Name)), "is given twice");
            }
        }
    }

    /// <summary>Where the object is in the input.</summary>
    public string Path { get; }

    /// <summary>Where errors go.</summary>
    public FieldErrors Errors { get; }

    /// <summary>False when the input had something else in the object's place; that is reported already.</summary>
    public bool IsObject { get; }

    /// <summary>The path of one of this object's fields.</summary>
    public string PathOf(string field) => Path.Length == 0 ? field : $"{Path}.{field}";

    /// <summary>Reports something wrong with a field.</summary>
    public void Fail(string field, string message) => Errors.Add(PathOf(field), message);

    /// <summary>Marks a field as known and gets its value. JSON's <c>null</c> counts as absent.</summary>
    public bool TryGet(string field, out JsonElement value)
    {
        _known.Add(field);
        return _fields.TryGetValue(field, out value) && value.ValueKind != JsonValueKind.Null;
    }

    /// <summary>A whole number that must be there.</summary>
    public int Whole(string field, int minimum, int maximum) => (int)Whole(field, (long)minimum, maximum);

    /// <summary>A whole number, or <paramref name="fallback"/> when it is absent.</summary>
    public int Whole(string field, int minimum, int maximum, int fallback) => OptionalWhole(field, minimum, maximum) ?? fallback;

    /// <summary>A whole number, or null when it is absent.</summary>
    public int? OptionalWhole(string field, int minimum, int maximum) => (int?)OptionalWhole(field, (long)minimum, maximum);

    /// <summary>A whole number that must be there.</summary>
    public long Whole(string field, long minimum, long maximum)
    {
        if (!TryGet(field, out JsonElement value))
        {
            Missing(field, $"a whole number of {minimum}..{maximum}");
            return minimum;
        }

        return Whole(value, PathOf(field), minimum, maximum, Errors);
    }

    /// <summary>A whole number, or null when it is absent.</summary>
    public long? OptionalWhole(string field, long minimum, long maximum) =>
        TryGet(field, out JsonElement value) ? Whole(value, PathOf(field), minimum, maximum, Errors) : null;

    /// <summary>A number that must be there.</summary>
    public double Number(string field, Interval legal)
    {
        if (OptionalNumber(field, legal) is { } number)
        {
            return number;
        }

        Missing(field, $"a number in {legal}");
        return legal.Minimum;
    }

    /// <summary>A number, or <paramref name="fallback"/> when it is absent.</summary>
    public double Number(string field, Interval legal, double fallback) => OptionalNumber(field, legal) ?? fallback;

    /// <summary>A number, or null when it is absent.</summary>
    public double? OptionalNumber(string field, Interval legal)
    {
        if (!TryGet(field, out JsonElement value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && legal.Contains(number))
        {
            return number;
        }

        Fail(field, $"is {Describe(value)}; legal {legal}");
        return legal.Minimum;
    }

    /// <summary>True or false, or <paramref name="fallback"/> when it is absent.</summary>
    public bool Boolean(string field, bool fallback)
    {
        if (!TryGet(field, out JsonElement value))
        {
            return fallback;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Fail(field, $"is {Describe(value)}; legal true, false");
        return fallback;
    }

    /// <summary>A text, or null when it is absent or (reported) not a text.</summary>
    public string? OptionalText(string field)
    {
        if (!TryGet(field, out JsonElement value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        Fail(field, $"is {Describe(value)}; a text is needed");
        return null;
    }

    /// <summary>A text that must be there; empty when it is not.</summary>
    public string Text(string field, string what)
    {
        if (_fields.TryGetValue(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
        {
            return OptionalText(field) ?? "";
        }

        _known.Add(field);
        Missing(field, what);
        return "";
    }

    /// <summary>One of a few words, or <paramref name="fallback"/> when the field is absent.</summary>
    public T Choice<T>(string field, IReadOnlyDictionary<string, T> choices, T fallback)
    {
        if (OptionalText(field) is not { } word)
        {
            return fallback;
        }

        if (choices.TryGetValue(word, out T? choice))
        {
            return choice;
        }

        Fail(field, $"is \"{Quote(word)}\"; legal {string.Join(", ", choices.Keys)}{Suggestion.Hint(word, choices.Keys)}");
        return fallback;
    }

    /// <summary>One of an enum's values, written in camelCase, or <paramref name="fallback"/> when the field is absent.</summary>
    public T Choice<T>(string field, T fallback)
        where T : struct, Enum =>
        Choice(field, Enum.GetValues<T>().ToDictionary(value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString())), fallback);

    /// <summary>A list of an enum's values, written in camelCase and each at most once, or null when it is absent.</summary>
    public IReadOnlyList<T>? OptionalChoices<T>(string field)
        where T : struct, Enum
    {
        if (!TryGet(field, out JsonElement value))
        {
            return null;
        }

        Dictionary<string, T> choices = Enum.GetValues<T>().ToDictionary(EnumWords.For);
        if (value.ValueKind != JsonValueKind.Array)
        {
            Fail(field, $"is {Describe(value)}; an array of {string.Join(", ", choices.Keys)} is needed");
            return null;
        }

        List<T> chosen = [];
        foreach (JsonElement element in value.EnumerateArray())
        {
            string word = element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
            if (!choices.TryGetValue(word, out T choice))
            {
                Fail(field, $"has {Describe(element)}; legal {string.Join(", ", choices.Keys)}{Suggestion.Hint(word, choices.Keys)}");
            }
            else if (chosen.Contains(choice))
            {
                Fail(field, $"has \"{word}\" twice");
            }
            else
            {
                chosen.Add(choice);
            }
        }

        return chosen;
    }

    /// <summary>Reports that a field must be given.</summary>
    public void Missing(string field, string what)
    {
        // Where there is no object at all, that is the one thing to say.
        if (IsObject)
        {
            Fail(field, $"is missing; {what} is needed");
        }
    }

    /// <summary>Reports the fields that were not asked for.</summary>
    public void Finish()
    {
        foreach (string field in _fields.Keys.Except(_known))
        {
            // A body full of nonsense is not worth a guess at each of its words.
            string hint = Errors.Count < FieldErrors.Limit ? Suggestion.Hint(field, _known) : "";
            Fail(Quote(field), $"is not a known field{hint}; known are {string.Join(", ", _known.Distinct())}");
        }
    }

    /// <summary>Reads one whole number; out of range or not a number is reported and gives <paramref name="minimum"/>.</summary>
    public static long Whole(JsonElement value, string path, long minimum, long maximum, FieldErrors errors)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= minimum && number <= maximum)
        {
            return number;
        }

        errors.Add(path, string.Create(CultureInfo.InvariantCulture, $"is {Describe(value)}; legal {minimum}..{maximum}"));
        return minimum;
    }

    /// <summary>A JSON value in the words of an error message, cut to a decent length.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"an array of {value.GetArrayLength()}",
        JsonValueKind.String => $"\"{Quote(value.GetString()!)}\"",
        _ => Quote(value.GetRawText()),
    };

    /// <summary>A user's text as it may appear in an error message: short and without control characters.</summary>
    public static string Quote(string text)
    {
        string cut = text.Length > LongestQuote ? string.Concat(text.AsSpan(0, LongestQuote), "…") : text;
        return cut.Any(char.IsControl) ? string.Concat(cut.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : cut;
    }
}
