using System.Globalization;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>Which column of a CSV file is the label.</summary>
public sealed record LabelColumn
{
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
    /// <param name="columns">Number of columns.</param>
    /// <param name="header">Their names, where the file has any.</param>
    /// <param name="file">The file, for the message.</param>
    /// <exception cref="ValidationException">There is no such column.</exception>
    internal int Find(int columns, IReadOnlyList<string>? header, string file)
    {
        if (this == First || this == Last)
        {
            return this == First ? 0 : columns - 1;
        }

        var index = header?.ToList().IndexOf(Text) ?? -1;
        if (index >= 0)
        {
            return index;
        }

        if (int.TryParse(Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= columns)
        {
            return number - 1;
        }

        var known = header is null ? "it has no header" : $"its columns are {string.Join(", ", header.Take(20).Select(ObjectReader.Quote))}{(header.Count > 20 ? ", …" : "")}";
        throw new ValidationException("label", $"'{ObjectReader.Quote(Text)}' is no column of {file}{Suggestion.Hint(Text, header ?? [])}; {known}; legal are also first, last and numbers from 1 to {columns}");
    }
}
