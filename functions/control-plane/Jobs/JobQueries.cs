using Azure;
using Serverless.ControlPlane.Answers;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Jobs;

/// <summary>Answers questions about jobs.</summary>
public sealed class JobQueries(JobStore jobs, MetricsLog metrics, TrainerActivities trainers)
{
    /// <summary>Most jobs of a page.</summary>
    public const int MaximumPage = 100;

    private const int DefaultPage = 20;

    /// <summary>A page of jobs, newest first.</summary>
    /// <param name="limit">The query's <c>limit</c>, 1 to <see cref="MaximumPage"/>; null for 20.</param>
    /// <param name="continuation">The query's <c>continuation</c>, from the page before.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ValidationException">A parameter is none of these.</exception>
    public async Task<JobList> ListAsync(string? limit, string? continuation, CancellationToken cancellation)
    {
        var size = QueryValue.Whole("limit", limit, 1, MaximumPage) ?? DefaultPage;
        JobPage page;
        try
        {
            page = await jobs.ListAsync((int)size, string.IsNullOrEmpty(continuation) ? null : continuation, cancellation);
        }
        catch (RequestFailedException refused) when (refused.Status == 400 && continuation is not null)
        {
            throw new ValidationException("continuation", "is not one that a page of this list gave");
        }

        var statuses = await Task.WhenAll(page.Jobs.Select(job => jobs.GetStatusAsync(job, cancellation)));
        return new JobList([.. statuses.OfType<JobStatus>().Select(JobSummary.Of)], page.Continuation);
    }

    /// <summary>How a job is going.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    public async Task<JobDetails> GetAsync(string job, CancellationToken cancellation)
    {
        var status = await jobs.GetStatusAsync(job, cancellation) ?? throw new JobNotFoundException(job);
        JobSpec? spec = null;
        try
        {
            spec = await jobs.GetSpecAsync(job, cancellation);
        }
        catch (JobNotFoundException)
        {
            // A job that came over the queue and could not be read has a status, which says so, and no spec.
        }

        var active = status.State is JobState.Running or JobState.Publishing && spec is not null;
        return JobDetails.Of(status, spec, active ? await trainers.ReadAsync(job, spec!.Shards, cancellation) : []);
    }

    /// <summary>A job's metrics, in the order in which rounds were done, each line once.</summary>
    /// <param name="job">The job.</param>
    /// <param name="after">The query's <c>after</c>: only rounds after this one; null for all.</param>
    /// <param name="through">The query's <c>through</c>: only rounds up to this one; null for all.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ValidationException">A parameter is no round.</exception>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    public async Task<IAsyncEnumerable<MetricsLine>> MetricsAsync(string job, string? after, string? through, CancellationToken cancellation)
    {
        var first = (int)(QueryValue.Whole("after", after, -1, JobLimits.Rounds) ?? -1);
        var last = (int)(QueryValue.Whole("through", through, 0, JobLimits.Rounds) ?? JobLimits.Rounds);
        _ = await jobs.GetStatusAsync(job, cancellation) ?? throw new JobNotFoundException(job);
        return metrics.ReadAsync(job, first, cancellation).Where(line => line.Round <= last);
    }

    /// <summary>Cancels a job; doing it again changes nothing.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    /// <exception cref="AnswerException">409: it has ended otherwise.</exception>
    public async Task<JobDetails> CancelAsync(string job, CancellationToken cancellation)
    {
        var status = await jobs.CancelAsync(job, cancellation);
        return status.State == JobState.Cancelled
            ? await GetAsync(job, cancellation)
            : throw AnswerException.Conflict($"The job '{job}' has {(status.State == JobState.Failed ? "failed" : "succeeded")} already and cannot be cancelled.");
    }
}
