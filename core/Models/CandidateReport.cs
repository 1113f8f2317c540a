namespace Serverless.Core.Models;

/// <summary>What was found about one form of a model.</summary>
public sealed record CandidateReport
{
    /// <summary>The form: one of <see cref="ModelForm"/> in camelCase, or <see cref="OptimizationReport.Original"/>.</summary>
    public required string Form { get; init; }

    /// <summary>What became of it.</summary>
    public required CandidateOutcome Outcome { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Length of the file in bytes; null where it could not be made.</summary>
    public long? Bytes { get; init; }

    /// <summary>Layers whose numbers were changed.</summary>
    public int? Layers { get; init; }

    /// <summary>Time until the model was loaded, in milliseconds.</summary>
    public double? LoadMilliseconds { get; init; }

    /// <summary>Median time of a run with one row, in milliseconds.</summary>
    public double? LatencyBatch1Milliseconds { get; init; }

    /// <summary>Median time of a run with 32 rows, in milliseconds; null where it was given up before.</summary>
    public double? LatencyBatch32Milliseconds { get; init; }

    /// <summary>How many times as fast as the model as it was: the geometric mean for one and for 32 rows.</summary>
    public double? Speedup { get; init; }

    /// <summary>The report's measure on the test rows, in points of 100; null where it was not measured.</summary>
    public double? Score { get; init; }

    /// <summary>Points it has less than the model as it was; negative where it has more.</summary>
    public double? Loss { get; init; }
}
