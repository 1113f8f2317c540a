namespace Serverless.Core.Datasets.Import;

/// <summary>What both manifests of an import have in common, once the files were read.</summary>
/// <param name="options">What the user asked for.</param>
/// <param name="features">The features.</param>
/// <param name="label">The label.</param>
/// <param name="scaling">The scaling.</param>
internal sealed class ImportPlan(ImportOptions options, FeatureSpec features, LabelSpec label, ScalingSpec scaling)
{
    public string Name => options.Name;

    public FeatureSpec Features => features;

    public LabelSpec Label => label;

    public int RowBytes { get; } = features.Bytes + label.Bytes;

    public int PartRows => Math.Max(1, options.PartBytes / RowBytes);

    /// <summary>The manifest of a split with these parts.</summary>
    public DatasetManifest Manifest(string split, IReadOnlyList<PartInfo> parts) => new()
    {
        Name = options.Name,
        Split = split,
        Rows = parts.Sum(part => (long)part.Rows),
        RowBytes = RowBytes,
        Features = features,
        Label = label,
        Scaling = scaling,
        PartRows = PartRows,
        Parts = parts,
        ShuffleSeed = split == DatasetSplits.Train ? options.Seed : null,
    };
}
