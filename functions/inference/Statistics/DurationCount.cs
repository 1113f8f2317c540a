namespace Serverless.Inference.Statistics;

/// <summary>How often something was done, and how long that took in all.</summary>
/// <param name="Count">How often.</param>
/// <param name="Ns">Nanoseconds in all.</param>
public sealed record DurationCount(long Count, long Ns);
