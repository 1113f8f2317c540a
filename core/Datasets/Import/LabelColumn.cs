using System.Globalization;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>Which column of a CSV file is the label.</summary>
public sealed record LabelColumn
{
    private const int MaxListed = 20;

    private LabelColumn(string text) => Text = text;

    /// <summary>The first column.</summary>
    public static LabelColumn First { get; } = new("first");

    /// <summary>The last column.</summary>
    public static LabelColumn Last { get; } = new("last");

    /// <summary><c>first</c>, <c>last</c>, a column's name, or its number counted from 1.</summary>
    public string Text { get; }

    /// <summary>Reads <c>first</c>, <c>last</c>, a column's name in the file's header, or its number counted from 1.</summary>
    /// <exception cref="ValidationException">The text is empty.</exception>
    public static LabelColumn Parse(string text) => text switch
    {
        "first" => First,
        "last" => Last,
        "" => throw new ValidationException("label", "is empty; legal are first, last, a column's name, or its number counted from 1"),
        _ => new LabelColumn(text),
    };

    /// <summary>Index of the column.</summary>
    /// <param name="names">What may be names of columns, null where a column has none; empty when none has.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="file">The file, for the message.</param>
    /// <exception cref="ValidationException">There is no such column.</exception>
    internal int Find(IReadOnlyList<string?> names, int columns, string file)
    {
        if (this == First || this == Last)
        {
            return this == First ? 0 : columns - 1;
        }

        for (var column = 0; column < names.Count; column++)
        {
            if (names[column] == Text)
            {
                return column;
            }
        }

        if (int.TryParse(Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= columns)
        {
            return number - 1;
        }

        var known = names.OfType<string>().ToList();
        var there = known.Count == 0 ? "it has no header" : $"its columns are "
            + $"{string.Join(", ", known.Take(MaxListed).Select(ObjectReader.Quote))}{(known.Count > MaxListed ? ", …" : "")}";
        throw new ValidationException("label", $"'{ObjectReader.Quote(Text)}' is no column of '{file}'{Suggestion.Hint(Text, known)}; {there}; legal "
            + $"are also first, last and numbers from 1 to {columns}");
    }
}
