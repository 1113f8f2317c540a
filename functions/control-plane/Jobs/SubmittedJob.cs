namespace Serverless.ControlPlane.Jobs;

/// <summary>The answer to a submission.</summary>
/// <param name="Job">The job's id.</param>
/// <param name="Status">Where to ask how it is going.</param>
public sealed record SubmittedJob(string Job, Uri Status);
