using System.Text.Json.Serialization;

namespace Serverless.Core.Datasets;

/// <summary>What the data a model learned from looks like, in raw units (before scaling): what later requests can be compared with.</summary>
public sealed record BaselineStatistics
{
    /// <summary>Most means of features by class that are kept; datasets with more have counts only.</summary>
    public const int MaxClassMeans = 1 << 22;

    /// <summary>Rows the statistics are of.</summary>
    public required long Rows { get; init; }

    /// <summary>Statistics of each feature, in C order.</summary>
    public required ColumnStatistics Features { get; init; }

    /// <summary>Statistics of each class, in the order of the manifest; empty where labels are numbers.</summary>
    public IReadOnlyList<ClassStatistics> Classes { get; init; } = [];

    /// <summary>Statistics of labels that are numbers; absent where they are classes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ColumnStatistics? Values { get; init; }

    /// <summary>Reads statistics as <see cref="ToJson"/> writes them.</summary>
    /// <exception cref="InvalidDataException">They are none.</exception>
    public static BaselineStatistics Parse(ReadOnlySpan<byte> json) => DatasetJson.Parse<BaselineStatistics>(json, "baseline");

    /// <summary>The statistics as JSON: the same statistics always give the same bytes.</summary>
    public byte[] ToJson() => DatasetJson.Write(this);
}
