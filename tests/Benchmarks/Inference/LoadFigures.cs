namespace Serverless.Benchmarks.Inference;

/// <summary>What a load on a server came to.</summary>
/// <param name="RequestsPerSecond">Answers with status 200 a second.</param>
/// <param name="MedianMilliseconds">Half of the requests took no longer.</param>
/// <param name="P99Milliseconds">99 of 100 requests took no longer.</param>
/// <param name="Refused">Answers with another status.</param>
internal sealed record LoadFigures(double RequestsPerSecond, double MedianMilliseconds, double P99Milliseconds, long Refused)
{
    /// <summary>The medians of several runs, each figure by itself.</summary>
    public static LoadFigures Median(IReadOnlyList<LoadFigures> runs) => new(
        Median(runs, run => run.RequestsPerSecond),
        Median(runs, run => run.MedianMilliseconds),
        Median(runs, run => run.P99Milliseconds),
        runs.Sum(run => run.Refused));

    private static double Median(IReadOnlyList<LoadFigures> runs, Func<LoadFigures, double> figure)
    {
        var sorted = runs.Select(figure).Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
