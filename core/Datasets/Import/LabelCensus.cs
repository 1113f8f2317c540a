using System.Globalization;

namespace Serverless.Core.Datasets.Import;

/// <summary>
/// Which labels a split has. Whether they are classes or values may only be known at the end, so every row gets a provisional number for its label in the
/// order the labels
/// were first met.
/// </summary>
internal sealed class LabelCensus
{
    /// <summary>The provisional number of a label that can name no class, and of those there are too many of.</summary>
    public const int NoClass = -1;

    private readonly Dictionary<long, int> _wholes = [];
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly List<LabelEntry> _entries = [];

    /// <summary>The labels by their provisional numbers.</summary>
    public IReadOnlyList<LabelEntry> Entries => _entries;

    /// <summary>Whether there were more labels than there can be classes.</summary>
    public bool IsOverfull { get; private set; }

    /// <summary>A label that is no number.</summary>
    public LabelEntry? FirstText { get; private set; }

    /// <summary>Whether a label was a number with a fraction.</summary>
    public bool HasReals { get; private set; }

    /// <summary>Whether a label can name no class: a number with a fraction in an array of floats.</summary>
    public bool HasNameless { get; private set; }

    /// <summary>Notes a label.</summary>
    /// <returns>Its provisional number.</returns>
    public int Add(SourceLabel label, long place)
    {
        HasReals |= label.IsNumber && label.Whole is null;
        HasNameless |= label.Whole is null && label.Text is null;
        if (!label.IsNumber)
        {
            FirstText ??= new LabelEntry(label.Text!, null, place);
        }

        if (IsOverfull || (label.Whole is null && label.Text is null))
        {
            return NoClass;
        }

        if (!(label.Whole is { } whole ? _wholes.TryGetValue(whole, out var id) : _texts.TryGetValue(label.Text!, out id)))
        {
            if (_entries.Count == LabelSpec.MaxClasses)
            {
                IsOverfull = true;
                return NoClass;
            }

            id = _entries.Count;
            _entries.Add(new LabelEntry(label.Text ?? label.Whole!.Value.ToString(CultureInfo.InvariantCulture), label.Whole, place));
            if (label.Whole is { } number)
            {
                _wholes.Add(number, id);
            }
            else
            {
                _texts.Add(label.Text!, id);
            }
        }

        _entries[id].Rows++;
        return id;
    }
}
