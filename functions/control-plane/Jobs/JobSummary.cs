using Serverless.Core.Jobs;

namespace Serverless.ControlPlane.Jobs;

/// <summary>A job as a list shows it.</summary>
/// <param name="Job">The job's id.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Round">Rounds done.</param>
/// <param name="Rounds">Rounds there are to do; 0 before the job is planned.</param>
/// <param name="Loss">Mean training loss of the last round.</param>
/// <param name="Accuracy">Share of the test rows classified right at the last evaluation.</param>
/// <param name="Submitted">When it was submitted.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Failure">Why it failed.</param>
/// <param name="Result">What it ended with.</param>
public sealed record JobSummary(
    string Job, JobState State, int Round, int Rounds, double? Loss, double? Accuracy, DateTimeOffset Submitted, DateTimeOffset? Ended, string? Failure, JobResult? Result)
{
    /// <summary>Summarises a status.</summary>
    public static JobSummary Of(JobStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return new JobSummary(
            status.Job, status.State, status.Round, status.Rounds, status.Loss, status.Accuracy, status.Submitted, status.Ended, status.Failure, status.Result);
    }
}
