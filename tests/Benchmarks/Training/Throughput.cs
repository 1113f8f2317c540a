namespace Serverless.Benchmarks.Training;

/// <summary>What one run came to.</summary>
/// <param name="ImagesPerSecond">Training images a second, after the warm-up.</param>
/// <param name="TestAccuracy">Share of the test images classified right at the end, 0 to 1.</param>
/// <param name="ComputeMilliseconds">Time of a round spent training, the mean over shards; NaN for the peer.</param>
/// <param name="WaitMilliseconds">Time of a round from a trainer's having written its contributions to its having those of the others, the mean over shards; NaN for the peer.</param>
/// <param name="RoundMilliseconds">Time from round to round; NaN for the peer.</param>
/// <param name="Version">What ran.</param>
internal sealed record Throughput(double ImagesPerSecond, double TestAccuracy, double ComputeMilliseconds, double WaitMilliseconds, double RoundMilliseconds, string Version)
{
    /// <summary>The same run as if its steps took all of its time.</summary>
    public Throughput ComputeAlone => this with { ImagesPerSecond = ImagesPerSecond * RoundMilliseconds / ComputeMilliseconds, RoundMilliseconds = ComputeMilliseconds, WaitMilliseconds = 0 };
}
