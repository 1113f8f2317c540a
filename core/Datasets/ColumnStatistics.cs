namespace Serverless.Core.Datasets;

/// <summary>Statistics of columns of numbers; every list has one entry a column.</summary>
public sealed record ColumnStatistics
{
    /// <summary>Mean of the column.</summary>
    public required IReadOnlyList<float> Mean { get; init; }

    /// <summary>Standard deviation of the column as it is (the sum of squares divided by the rows, not by one less).</summary>
    public required IReadOnlyList<float> StandardDeviation { get; init; }

    /// <summary>Smallest value of the column.</summary>
    public required IReadOnlyList<float> Minimum { get; init; }

    /// <summary>Largest value of the column.</summary>
    public required IReadOnlyList<float> Maximum { get; init; }
}
