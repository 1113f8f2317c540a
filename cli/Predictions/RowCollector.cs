using System.Globalization;
using Serverless.Core.Validation;

namespace Serverless.Cli.Predictions;

/// <summary>Collects rows and sees to it that all have the same length.</summary>
/// <param name="source">The file, for messages.</param>
internal sealed class RowCollector(string source)
{
    private readonly List<float> _values = [];

    /// <summary>Rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>Numbers in a row; 0 before the first.</summary>
    public int Width { get; private set; }

    /// <summary>Adds a row.</summary>
    /// <param name="place">Where it stands, for messages.</param>
    /// <param name="row">Its numbers.</param>
    public void Add(string place, IEnumerable<float> row)
    {
        var before = _values.Count;
        _values.AddRange(row);
        var width = _values.Count - before;
        if (Count > 0 && width != Width)
        {
            throw Wrong(string.Create(CultureInfo.InvariantCulture, $"{place} has {width} numbers; the rows before it have {Width}"));
        }

        Width = width;
        Count++;
    }

    /// <summary>The rows.</summary>
    /// <param name="most">The most rows there may be.</param>
    public RawRows Done(int most) => Count > 0 && Count <= most
        ? new RawRows(source, Count, Width, [.. _values])
        : throw Wrong(string.Create(CultureInfo.InvariantCulture, $"has {Count} rows; legal are 1 to {most} at a time"));

    /// <summary>An error about the file.</summary>
    public ValidationException Wrong(string what) => new("input", $"'{source}': {what}");
}
