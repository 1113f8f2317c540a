using System.Globalization;

namespace Serverless.Core.Rounds;

/// <summary>How a checkpoint did on the test split.</summary>
/// <param name="Shards">Shards that have evaluated it.</param>
/// <param name="Rows">Rows looked at.</param>
/// <param name="Correct">Rows classified right; null where labels are numbers.</param>
/// <param name="LossSum">Sum of the rows' losses.</param>
public sealed record EvaluationSummary(IReadOnlyList<int> Shards, long Rows, long? Correct, double LossSum)
{
    /// <summary>Share of the rows classified right, 0 to 1.</summary>
    public double? Accuracy => Rows > 0 && Correct is { } correct ? (double)correct / Rows : null;

    /// <summary>Mean loss of a row.</summary>
    public double? MeanLoss => Rows > 0 && double.IsFinite(LossSum) ? LossSum / Rows : null;

    /// <summary>What a job's timeline says about it.</summary>
    internal string Describe(int checkpoint) => string.Create(
        CultureInfo.InvariantCulture,
        $"checkpoint {checkpoint} evaluated: loss {MeanLoss:G4}{(Accuracy is { } accuracy ? $", accuracy {accuracy:P2}" : "")}");
}
