using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>Decides from the train split what labels are, and finds the class of each label of both splits.</summary>
internal sealed class LabelMap
{
    private const int MaxListed = 20;

    private readonly Dictionary<string, int> _byText = new(StringComparer.Ordinal);
    private readonly bool _byIndex;

    /// <param name="options">What the user says about labels.</param>
    /// <param name="train">The train split.</param>
    /// <exception cref="ValidationException">The labels are not what the user says, or too many to be classes.</exception>
    public LabelMap(ImportOptions options, SpooledSplit train)
    {
        var (census, source, width) = (train.Labels, train.Source, train.Source.LabelWidth);
        var kind = options.LabelKind
            ?? (census.FirstText is not null || options.Classes is not null ? LabelKind.Class
            : source.HasFloatLabels || census.HasReals || width > 1 ? LabelKind.Value
            : LabelKind.Class);
        if (kind == LabelKind.Value)
        {
            Label = new LabelSpec { Kind = kind, Width = width };
            CheckNumbers(census, source);
            return;
        }

        if (census.IsOverfull || census.HasNameless)
        {
            throw new ValidationException(source.Field, census.IsOverfull
                ? $"'{source.Path}' has more than {LabelSpec.MaxClasses} different labels, too many for classes; if they are numbers to be "
                    + $"predicted, give the label kind value"
                : $"'{source.Path}' has labels with a fraction, which name no classes; if they are numbers to be predicted, give the label kind value");
        }

        var entries = census.Entries;
        IReadOnlyList<string> classes;
        if (options.Classes is { } names)
        {
            classes = names;
            var known = names.ToHashSet(StringComparer.Ordinal);
            _byIndex = !entries.All(entry => known.Contains(entry.Text)) && entries.All(entry => entry.Whole is >= 0 && entry.Whole < names.Count);
        }
        else
        {
            classes = census.FirstText is null && entries.All(entry => entry.Whole is not null)
                ? [.. entries.OrderBy(entry => entry.Whole).Select(entry => entry.Text)]
                : [.. entries.Select(entry => entry.Text).Order(StringComparer.Ordinal)];
        }

        Label = new LabelSpec { Kind = kind, Classes = classes };
        for (var i = 0; i < classes.Count; i++)
        {
            _byText.Add(classes[i], i);
        }
    }

    /// <summary>What labels are.</summary>
    public LabelSpec Label { get; }

    /// <summary>The class of each provisional number; empty where labels are values.</summary>
    /// <exception cref="ValidationException">A label is no class; the message says how many rows have such labels and where the first one is.</exception>
    public int[] Translate(LabelCensus census, RowSource source)
    {
        if (Label.Kind == LabelKind.Value)
        {
            CheckNumbers(census, source);
            return [];
        }

        var classes = census.Entries.Select(Find).ToArray();
        var unknown = census.Entries.Where((_, id) => classes[id] < 0).ToList();
        if (unknown.Count > 0 || census.IsOverfull || census.HasNameless)
        {
            var first = unknown.MinBy(entry => entry.FirstPlace);
            var legal = _byIndex
                ? $"0 to {Label.Classes.Count - 1}"
                : string.Join(", ", Label.Classes.Take(MaxListed).Select(ObjectReader.Quote)) + (Label.Classes.Count > MaxListed ? ", …" : "");
            throw new ValidationException(source.Field, first is null
                ? $"'{source.Path}' has labels that are no classes; legal are {legal}"
                : $"'{source.Path}' has {unknown.Sum(entry => entry.Rows)} rows with labels that are no classes; the first is "
                    + $"'{ObjectReader.Quote(first.Text)}' in {source.Describe(first.FirstPlace)}; legal are {legal}");
        }

        return classes;
    }

    private static void CheckNumbers(LabelCensus census, RowSource source)
    {
        if (census.FirstText is { } text)
        {
            throw new ValidationException(source.Field, $"'{source.Path}' has the label '{ObjectReader.Quote(text.Text)}' in "
                + $"{source.Describe(text.FirstPlace)}; labels of the kind value are numbers");
        }
    }

    private int Find(LabelEntry entry) => _byIndex
        ? entry.Whole is >= 0 && entry.Whole < Label.Classes.Count ? (int)entry.Whole.Value : -1
        : _byText.GetValueOrDefault(entry.Text, -1);
}
