namespace Serverless.ControlPlane.Jobs;

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">The jobs, newest first.</param>
/// <param name="Continuation">What gives the next page as the query's <c>continuation</c>; absent on the last one.</param>
public sealed record JobList(IReadOnlyList<JobSummary> Jobs, string? Continuation);
