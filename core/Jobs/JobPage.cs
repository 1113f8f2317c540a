namespace Serverless.Core.Jobs;

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">Ids, newest first.</param>
/// <param name="Continuation">What gives the next page; null when there is none.</param>
public sealed record JobPage(IReadOnlyList<string> Jobs, string? Continuation);
