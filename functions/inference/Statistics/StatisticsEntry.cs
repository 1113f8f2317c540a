namespace Serverless.Inference.Statistics;

/// <summary>The statistics of one model version.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">The version.</param>
/// <param name="LastInference">When it last ran, in milliseconds since 1970; 0 where it has not.</param>
/// <param name="InferenceCount">Rows in answered requests.</param>
/// <param name="ExecutionCount">Runs of the model, fewer than requests where these were joined.</param>
/// <param name="InferenceStats">Times of requests.</param>
/// <param name="BatchStats">Times of runs by their size.</param>
/// <param name="MemoryUsage">Memory that is kept for tensors between requests.</param>
public sealed record StatisticsEntry(
    string Name,
    string Version,
    long LastInference,
    long InferenceCount,
    long ExecutionCount,
    RequestStatistics InferenceStats,
    IReadOnlyList<BatchStatistics> BatchStats,
    IReadOnlyList<MemoryUsage> MemoryUsage)
{
    /// <summary>Adds up what a model version has done.</summary>
    public static StatisticsEntry Of(ModelStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        var counts = statistics.Read();
        var none = new DurationCount(0, 0);
        return new StatisticsEntry(
            statistics.Model,
            statistics.Version,
            counts.LastInference?.ToUnixTimeMilliseconds() ?? 0,
            counts.Inferences,
            counts.Executions,
            new RequestStatistics(counts.Success, counts.Fail, counts.Queue, counts.ComputeInput, counts.ComputeInfer, counts.ComputeOutput, none, none),
            counts.Batches,
            [new MemoryUsage("CPU", 0, statistics.KeptBytes)]);
    }
}
