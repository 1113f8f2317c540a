using System.Globalization;
using Serverless.Core.Storage;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>What to import and how. What is left out is found out from the files.</summary>
public sealed record ImportOptions
{
    /// <summary>Bytes of a part when nothing else is said: large enough for full speed, small enough that a shard of little data has several.</summary>
    public const int DefaultPartBytes = 4 * 1024 * 1024;

    /// <summary>Fewest bytes of a part.</summary>
    public const int MinPartBytes = 4 * 1024;

    /// <summary>Most bytes of a part.</summary>
    public const int MaxPartBytes = 64 * 1024 * 1024;

    /// <summary>Name of the dataset; see <see cref="EntityName.Rule"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Format of all files.</summary>
    public required SourceFormat Format { get; init; }

    /// <summary>Files of the train split.</summary>
    public required SourceFiles Train { get; init; }

    /// <summary>Files of the test split, where there is one.</summary>
    public SourceFiles? Test { get; init; }

    /// <summary>Which column of a CSV file is the label.</summary>
    public LabelColumn Label { get; init; } = LabelColumn.Last;

    /// <summary>Whether CSV files begin with a header. Left out: they do if a feature in their first line is no number. A header of numbers has to be
    /// announced.</summary>
    public bool? Header { get; init; }

    /// <summary>Whether labels are classes or numbers to be predicted. Left out: numbers with a fraction, and arrays of floats, are values; texts and whole
    /// numbers are classes.</summary>
    public LabelKind? LabelKind { get; init; }

    /// <summary>Names of the classes in the order of their indices; labels are these names, or indices into them. Left out: the labels met in the train
    /// split, numbers in numerical, texts in ordinal order.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>How features are stored. Left out: bytes stay bytes, everything else becomes float32.</summary>
    public FeatureType? Type { get; init; }

    /// <summary>Dimensions of a row, where the files do not say or say otherwise. Left out: IDX images of H x W become [1, H, W], NumPy arrays keep theirs,
    /// CSV rows are flat.</summary>
    public IReadOnlyList<int>? Shape { get; init; }

    /// <summary>Scaling to record. Left out: bytes are divided by 255, everything else stays as it is.</summary>
    public ImportScaling? Scale { get; init; }

    /// <summary>Seed of the order the train split is put into.</summary>
    public long Seed { get; init; }

    /// <summary>Bytes of a part, at most; a part holds whole rows and at least one.</summary>
    public int PartBytes { get; init; } = DefaultPartBytes;

    /// <summary>Whether a dataset of this name with other content may be replaced. Jobs that run on it go on reading what they were planned with.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Where to keep rows while they are shuffled; as many bytes as the train split has, twice that for a large one.</summary>
    public string TemporaryFolder { get; init; } = Path.GetTempPath();

    /// <summary>Reads dimensions written as <c>1,28,28</c>.</summary>
    /// <exception cref="ValidationException">They are not whole numbers from 1 up, 1 to 8 of them.</exception>
    public static IReadOnlyList<int> ParseShape(string text)
    {
        var shape = new List<int>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var dimension))
            {
                throw IllegalShape(ObjectReader.Quote(text));
            }

            shape.Add(dimension);
        }

        CheckShape(shape);
        return shape;
    }

    /// <summary>Checks everything that can be checked without opening a file.</summary>
    /// <exception cref="ValidationException">Something is out of range; all of it is reported.</exception>
    public void Validate()
    {
        var errors = new FieldErrors();
        Collect(errors, () => EntityName.Validate(Name, "name"));
        CheckFiles(errors, Train, "train");
        if (Test is not null)
        {
            CheckFiles(errors, Test, "test");
        }

        if (Shape is not null)
        {
            Collect(errors, () => CheckShape(Shape));
        }

        if (PartBytes is < MinPartBytes or > MaxPartBytes)
        {
            errors.Add("partBytes", $"is {PartBytes}; legal {MinPartBytes}..{MaxPartBytes}");
        }

        if (Classes is not null && LabelKind == Datasets.LabelKind.Value)
        {
            errors.Add("classes", "are given for labels of the kind value, which have none");
        }

        if (Classes is not null && (Classes.Count is < 1 or > LabelSpec.MaxClasses || Classes.Distinct(StringComparer.Ordinal).Count() != Classes.Count))
        {
            errors.Add("classes", $"are {Classes.Count} names; legal 1..{LabelSpec.MaxClasses}, all different");
        }

        errors.ThrowIfAny();
    }

    private void CheckFiles(FieldErrors errors, SourceFiles files, string field)
    {
        if (Format == SourceFormat.Csv != files.Labels is null)
        {
            errors.Add(field, Format == SourceFormat.Csv
                ? $"has a file of labels, '{files.Labels}'; in CSV the label is a column"
                : $"lacks the file of labels; {(Format == SourceFormat.Idx ? "IDX" : "NPY")} needs two, features and labels, with a comma between them");
        }

        foreach (var file in new[] { files.Features, files.Labels })
        {
            if (file is not null && !File.Exists(file))
            {
                errors.Add(field, $"'{file}' {(Directory.Exists(file) ? "is a folder; a file is needed" : "does not exist")}");
            }
        }
    }

    private static void CheckShape(IReadOnlyList<int> shape)
    {
        long count = 1;
        foreach (var dimension in shape)
        {
            if (dimension < 1 || (count *= dimension) > FeatureSpec.MaxCount)
            {
                throw IllegalShape(string.Join(",", shape));
            }
        }

        if (shape.Count is < 1 or > 8)
        {
            throw IllegalShape(string.Join(",", shape));
        }
    }

    private static ValidationException IllegalShape(string text) =>
        new("shape", $"is '{text}'; legal are 1 to 8 whole numbers from 1 up, with commas between them and a product of at most {FeatureSpec.MaxCount}");

    private static void Collect(FieldErrors errors, Action check)
    {
        try
        {
            check();
        }
        catch (ValidationException exception)
        {
            errors.Add(exception);
        }
    }
}
