using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Serverless.Core.Datasets;

/// <summary>
/// What a split of a dataset is and where its rows are. A row is its features in C order and then its label, little-endian and unpadded; rows fill fixed-size
/// parts one after the other. The train split's manifest names the test split's by hash, so one hash pins a whole dataset.
/// </summary>
public sealed record DatasetManifest
{
    /// <summary>The format written by this version.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Version of the format of manifest and parts.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The dataset's name.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="DatasetSplits"/>.</summary>
    public required string Split { get; init; }

    /// <summary>Rows of the split.</summary>
    public required long Rows { get; init; }

    /// <summary>Bytes of a row: its features and its label.</summary>
    public required int RowBytes { get; init; }

    /// <summary>The features of a row.</summary>
    public required FeatureSpec Features { get; init; }

    /// <summary>The label of a row.</summary>
    public required LabelSpec Label { get; init; }

    /// <summary>How raw features become a network's input.</summary>
    public required ScalingSpec Scaling { get; init; }

    /// <summary>Rows of every part but the last, which may have fewer.</summary>
    public required int PartRows { get; init; }

    /// <summary>The parts in the order of their rows.</summary>
    public required IReadOnlyList<PartInfo> Parts { get; init; }

    /// <summary>Seed of the order the rows were put into when they were imported; absent where they keep the order of their source.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ShuffleSeed { get; init; }

    /// <summary>Name of the blob beside the manifest with the statistics of the rows (train split only).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Baseline { get; init; }

    /// <summary>The test split (train split only; absent where there is none).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SplitReference? Test { get; init; }

    /// <summary>SHA-256 of <see cref="ToJson"/>, 64 lower-case hexadecimal digits: two manifests with the same hash describe the same rows.</summary>
    [JsonIgnore]
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(ToJson()));

    /// <summary>Reads a manifest and checks every number in it, so that nothing read by it can be out of range.</summary>
    /// <exception cref="InvalidDataException">It is not a manifest, or contradicts itself; the message names the field, the value and what would be
    /// legal.</exception>
    public static DatasetManifest Parse(ReadOnlySpan<byte> json)
    {
        var manifest = DatasetJson.Parse<DatasetManifest>(json, "dataset manifest");
        DatasetManifestRules.Check(manifest);
        return manifest;
    }

    /// <summary>The manifest as it is stored: the same manifest always gives the same bytes.</summary>
    public byte[] ToJson() => DatasetJson.Write(this);

    /// <summary>Checks the manifest against the rules that <see cref="Parse"/> checks.</summary>
    /// <exception cref="InvalidDataException">It contradicts itself.</exception>
    public void Validate() => DatasetManifestRules.Check(this);

    /// <summary>First row of a part.</summary>
    public long FirstRow(int part) => (long)part * PartRows;
}
