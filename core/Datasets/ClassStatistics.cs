namespace Serverless.Core.Datasets;

/// <summary>Statistics of the rows of one class.</summary>
public sealed record ClassStatistics
{
    /// <summary>Name of the class.</summary>
    public required string Class { get; init; }

    /// <summary>Rows of the class.</summary>
    public required long Rows { get; init; }

    /// <summary>Mean of every feature over these rows; empty where classes times features are more than <see
    /// cref="BaselineStatistics.MaxClassMeans"/>.</summary>
    public required IReadOnlyList<float> Mean { get; init; }
}
