namespace Serverless.Benchmarks.Training;

/// <summary>What one run came to.</summary>
/// <param name="ImagesPerSecond">Training images a second, after the warm-up.</param>
/// <param name="TestAccuracy">Share of the test images classified right at the end, 0 to 1.</param>
/// <param name="ComputeMilliseconds">Time of a round spent training, the mean over shards; NaN for the peer.</param>
/// <param name="RoundMilliseconds">Time from round to round; NaN for the peer.</param>
/// <param name="Version">What ran.</param>
internal sealed record Throughput(double ImagesPerSecond, double TestAccuracy, double ComputeMilliseconds, double RoundMilliseconds, string Version);
