namespace Serverless.Core.Jobs;

/// <summary>Something that happened to a job.</summary>
/// <param name="At">When.</param>
/// <param name="Event">What, in words for its user.</param>
public sealed record TimelineEntry(DateTimeOffset At, string Event);
