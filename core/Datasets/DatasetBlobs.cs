namespace Serverless.Core.Datasets;

/// <summary>Names of a dataset's blobs within the datasets container.</summary>
public static class DatasetBlobs
{
    /// <summary>The current manifest of a split: what an import writes last, and the only blob of a dataset that another import may replace.</summary>
    public static string Manifest(string name, string split) => $"{name}/{split}/manifest.json";

    /// <summary>A manifest under its hash, never changed: what a running job reads whatever was imported under the name since.</summary>
    public static string PinnedManifest(string name, string split, string sha256) => $"{name}/{split}/manifest-{sha256.AsSpan(0, 16)}.json";

    /// <summary>A part or another blob beside the manifest.</summary>
    public static string Beside(DatasetManifest manifest, string blob) => $"{manifest.Name}/{manifest.Split}/{blob}";
}
