namespace Serverless.Core.Datasets;

/// <summary>The test split that was imported together with a train split.</summary>
public sealed record SplitReference
{
    /// <summary>Rows of the split.</summary>
    public required long Rows { get; init; }

    /// <summary><see cref="DatasetManifest.Sha256"/> of its manifest.</summary>
    public required string ManifestSha256 { get; init; }
}
