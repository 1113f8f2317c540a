namespace Serverless.Inference.Statistics;

/// <summary>Times of requests.</summary>
/// <param name="Success">Answered ones, in all.</param>
/// <param name="Fail">Those that were not answered.</param>
/// <param name="Queue">Waiting.</param>
/// <param name="ComputeInput">Putting inputs together.</param>
/// <param name="ComputeInfer">Running.</param>
/// <param name="ComputeOutput">Handing out outputs.</param>
/// <param name="CacheHit">Always nothing: responses are not cached.</param>
/// <param name="CacheMiss">Always nothing.</param>
public sealed record RequestStatistics(
    DurationCount Success,
    DurationCount Fail,
    DurationCount Queue,
    DurationCount ComputeInput,
    DurationCount ComputeInfer,
    DurationCount ComputeOutput,
    DurationCount CacheHit,
    DurationCount CacheMiss);
