namespace Serverless.Core.Models;

/// <summary>How good and how fast a published model version is, and where its numbers come from: <c>metrics.json</c>.</summary>
public sealed record ModelMetrics
{
    /// <summary>The job it was trained by.</summary>
    public required string Job { get; init; }

    /// <summary>Hash of the parameters, the same for every run of the same job.</summary>
    public required string ParametersSha256 { get; init; }

    /// <summary>Rows of the test split it was measured on.</summary>
    public required long TestRows { get; init; }

    /// <summary>Share of the test rows that the trained network classified right, 0 to 1; null for a model that predicts values.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean loss over the test rows; null without a test split.</summary>
    public double? Loss { get; init; }

    /// <summary>Points of accuracy, of 100, that the published form has less than the trained network; 0 where it is the original, negative where it has more.</summary>
    public double AccuracyLoss { get; init; }

    /// <summary>Times as fast as the trained network that the published form is; 1 where it is the original.</summary>
    public double Speedup { get; init; } = 1;

    /// <summary>Share of the weights that training made zero; 0 where the job did not ask for it.</summary>
    public double Sparsity { get; init; }

    /// <summary>Rows on which the exported model was compared with the trainers.</summary>
    public required int ComparedRows { get; init; }

    /// <summary>Largest absolute difference between an output of the exported model and of the trainers.</summary>
    public required double MaximumDifference { get; init; }

    /// <summary>Median time of a run with one row, in milliseconds, on the machine that published.</summary>
    public required double LatencyBatch1Milliseconds { get; init; }

    /// <summary>Median time of a run with 32 rows, in milliseconds, on the machine that published.</summary>
    public required double LatencyBatch32Milliseconds { get; init; }
}
