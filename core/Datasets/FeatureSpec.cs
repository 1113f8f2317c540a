using System.Text.Json.Serialization;

namespace Serverless.Core.Datasets;

/// <summary>What the features of a row are.</summary>
public sealed record FeatureSpec
{
    /// <summary>Most features of a row.</summary>
    public const int MaxCount = 1 << 24;

    /// <summary>How each feature is stored.</summary>
    public required FeatureType Type { get; init; }

    /// <summary>Dimensions of one row without the batch, in C order: <c>[1, 28, 28]</c> is one channel of 28 rows of 28 pixels.</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>Names of the features where the source had them (the header of a CSV file).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Number of features of a row: the product of <see cref="Shape"/>.</summary>
    [JsonIgnore]
    public int Count => Shape.Aggregate(1, (product, dimension) => checked(product * dimension));

    /// <summary>Bytes of a row's features.</summary>
    [JsonIgnore]
    public int Bytes => Count * (Type == FeatureType.UInt8 ? 1 : sizeof(float));
}
