using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Azure.Storage.Blobs;
using Serverless.Core.Storage;

namespace Serverless.Core.Jobs;

/// <summary>Specs, plans and status of jobs, and the indexes that find them.</summary>
public sealed class JobStore(ServerlessStorage storage, TimeProvider time)
{
    private const int StatusAttempts = 50;

    private static readonly TimeSpan ContentionDelay = TimeSpan.FromMilliseconds(20);

    private readonly BlobContainerClient _container = storage.Jobs;
    private readonly Hints _hints = new(storage);

    /// <summary>Submits a job and sends the hint to plan it.</summary>
    /// <returns>The job's id.</returns>
    public async Task<string> SubmitAsync(JobSpec spec, CancellationToken cancellation = default)
    {
        var job = JobId.New(time.GetUtcNow());
        await SubmitAsync(job, spec, cancellation);
        return job;
    }

    /// <summary>Submits a job under an id given by the caller. Doing it again with the same id and spec is harmless and finishes what an interrupted submission left.</summary>
    /// <param name="job">An id by <see cref="JobId.Rule"/>.</param>
    /// <param name="spec">The spec; when the job is there already, the spec that is there stays.</param>
    /// <param name="cancellation">Stops the submission.</param>
    public async Task SubmitAsync(string job, JobSpec spec, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!JobId.IsValid(job))
        {
            throw new ArgumentException($"'{job}' is not the id of a job: {JobId.Rule}.", nameof(job));
        }

        // The index comes first: whatever of the rest is missing after a crash, the reconciler finds the job.
        var now = time.GetUtcNow();
        var status = new JobStatus { Job = job, Submitted = now, Updated = now }.With(now, "submitted");
        if (await GetStatusAsync(job, cancellation) is { IsEnded: true })
        {
            return;
        }

        await _container.TryCreateAsync(JobBlobs.Active(job), default, cancellation);
        await _container.TryCreateAsync(JobBlobs.Spec(job), spec.ToJson(), cancellation);
        await _container.TryCreateAsync(JobBlobs.Status(job), status.ToJson(), cancellation);
        await _container.TryCreateAsync(JobBlobs.NewestPrefix + JobId.NewestKey(job), default, cancellation);
        await _hints.JobAsync(job, cancellation);
    }

    /// <summary>Submits a job once: the same key gives the same job, however often and from however many sides it is submitted.</summary>
    /// <param name="key">Any text that its user gives only one submission.</param>
    /// <param name="spec">The spec; of a repeated submission it is the first one that counts.</param>
    /// <param name="cancellation">Stops the submission.</param>
    /// <returns>The job's id.</returns>
    public async Task<string> SubmitOnceAsync(string key, JobSpec spec, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var path = JobBlobs.Submission(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
        var job = JobId.New(time.GetUtcNow());
        if (!await _container.TryCreateAsync(path, Encoding.UTF8.GetBytes(job), cancellation).ConfigureAwait(false)
            && await _container.TryReadAsync(path, cancellation).ConfigureAwait(false) is { } first)
        {
            job = first.Content.ToString();
        }

        await SubmitAsync(job, spec, cancellation).ConfigureAwait(false);
        return job;
    }

    /// <summary>Notes a submission that could not be read as a job that failed, so that whoever sent it finds the reason. Changes nothing where there is such a job.</summary>
    /// <param name="job">An id by <see cref="JobId.Rule"/>.</param>
    /// <param name="reason">Why, in words for its user.</param>
    /// <param name="cancellation">Stops the writing.</param>
    public async Task RejectAsync(string job, string reason, CancellationToken cancellation = default)
    {
        if (!JobId.IsValid(job))
        {
            throw new ArgumentException($"'{job}' is not the id of a job: {JobId.Rule}.", nameof(job));
        }

        var now = time.GetUtcNow();
        var status = new JobStatus { Job = job, State = JobState.Failed, Failure = reason, Submitted = now, Ended = now, Updated = now }.With(now, $"refused: {reason}");
        await _container.TryCreateAsync(JobBlobs.Status(job), status.ToJson(), cancellation).ConfigureAwait(false);
        await _container.TryCreateAsync(JobBlobs.NewestPrefix + JobId.NewestKey(job), default, cancellation).ConfigureAwait(false);
    }

    /// <summary>The spec of a job.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    public async Task<JobSpec> GetSpecAsync(string job, CancellationToken cancellation = default) =>
        await ReadAsync(job, JobBlobs.Spec, cancellation) is { } json ? JobSpec.Parse(json.ToMemory()) : throw new JobNotFoundException(job);

    /// <summary>The plan of a job; null while there is none.</summary>
    public async Task<JobPlan?> GetPlanAsync(string job, CancellationToken cancellation = default) =>
        await ReadAsync(job, JobBlobs.Plan, cancellation) is { } json ? JobPlan.Parse(json.ToMemory().Span) : null;

    /// <summary>Stores a plan; false when there is one already, which then holds.</summary>
    public Task<bool> CreatePlanAsync(JobPlan plan, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return _container.TryCreateAsync(JobBlobs.Plan(plan.Job), plan.ToJson(), cancellation);
    }

    /// <summary>The status of a job; null when there is no such job.</summary>
    public async Task<JobStatus?> GetStatusAsync(string job, CancellationToken cancellation = default) =>
        await ReadAsync(job, JobBlobs.Status, cancellation) is { } json ? JobStatus.Parse(json.ToMemory().Span) : null;

    /// <summary>Changes a job's status by compare-and-swap. Ended jobs stay as they are; when a change ends the job, it also leaves the index of active ones.</summary>
    /// <param name="job">The job.</param>
    /// <param name="change">Gives the status to write from the one that is there, or null to leave it. May be called several times.</param>
    /// <param name="cancellation">Stops trying.</param>
    /// <returns>The status that holds afterwards.</returns>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    /// <exception cref="InvalidOperationException">The change is not one that <see cref="JobStatus.IsStep"/> allows.</exception>
    /// <exception cref="StatusContentionException">Others changed the status all the time.</exception>
    public async Task<JobStatus> UpdateStatusAsync(string job, Func<JobStatus, JobStatus?> change, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var path = EntityName.IsValid(job) ? JobBlobs.Status(job) : throw new JobNotFoundException(job);
        for (var attempt = 1; attempt <= StatusAttempts; attempt++)
        {
            var blob = await _container.TryReadAsync(path, cancellation) ?? throw new JobNotFoundException(job);
            var before = JobStatus.Parse(blob.Content.ToMemory().Span);
            if (before.IsEnded)
            {
                await RetireAsync(job, cancellation);
                return before;
            }

            if (change(before) is not { } after)
            {
                return before;
            }

            after = Checked(before, after);
            if (await _container.TryReplaceAsync(path, after.ToJson(), blob.Details.ETag, cancellation) is not null)
            {
                if (after.IsEnded)
                {
                    await RetireAsync(job, cancellation);
                }

                return after;
            }

            await Task.Delay(ContentionDelay * (attempt * Random.Shared.NextDouble()), time, cancellation);
        }

        throw new StatusContentionException(path, StatusAttempts);
    }

    /// <summary>Marks a job as failed, unless it has ended already.</summary>
    /// <param name="job">The job.</param>
    /// <param name="reason">Why, in words for its user.</param>
    /// <param name="cancellation">Stops trying.</param>
    public Task<JobStatus> FailAsync(string job, string reason, CancellationToken cancellation = default) => UpdateStatusAsync(
        job,
        status => status.With(time.GetUtcNow(), $"failed: {reason}") with { State = JobState.Failed, Failure = reason },
        cancellation);

    /// <summary>Marks a job as cancelled, unless it has ended already.</summary>
    public Task<JobStatus> CancelAsync(string job, CancellationToken cancellation = default) => UpdateStatusAsync(
        job,
        status => status.With(time.GetUtcNow(), "cancelled") with { State = JobState.Cancelled },
        cancellation);

    /// <summary>Marks a job as succeeded, unless it has ended already.</summary>
    public Task<JobStatus> SucceedAsync(string job, JobResult result, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        var happened = result.Model is null ? "succeeded" : $"published as {result.Model} version {result.Version}";
        return UpdateStatusAsync(
            job,
            status => status.With(time.GetUtcNow(), happened) with
            {
                State = JobState.Succeeded,
                Round = status.Rounds,
                Result = result,
                Accuracy = result.Accuracy ?? status.Accuracy,
                TestLoss = result.Loss ?? status.TestLoss,
            },
            cancellation);
    }

    /// <summary>Takes a job that has ended out of the index of active ones.</summary>
    public Task RetireAsync(string job, CancellationToken cancellation = default) =>
        _container.GetBlobClient(JobBlobs.Active(job)).DeleteIfExistsAsync(cancellationToken: cancellation);

    /// <summary>Jobs that have not ended, oldest first. After a crash there may be some that have, or that were never submitted to the end.</summary>
    public async IAsyncEnumerable<string> ActiveJobsAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var blob in _container.GetBlobsAsync(prefix: JobBlobs.ActivePrefix, cancellationToken: cancellation))
        {
            yield return blob.Name[JobBlobs.ActivePrefix.Length..];
        }
    }

    /// <summary>A page of all jobs, newest first.</summary>
    /// <param name="pageSize">Most jobs of the page, 1 to 5000.</param>
    /// <param name="continuation">What the page before gave, or null for the first.</param>
    /// <param name="cancellation">Stops the listing.</param>
    public async Task<JobPage> ListAsync(int pageSize, string? continuation = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pageSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageSize, 5000);
        var pages = _container.GetBlobsAsync(prefix: JobBlobs.NewestPrefix, cancellationToken: cancellation).AsPages(continuation, pageSize);
        await foreach (var page in pages)
        {
            return new JobPage(
                [.. page.Values.Select(blob => JobId.FromNewestKey(blob.Name[JobBlobs.NewestPrefix.Length..]))],
                string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken);
        }

        return new JobPage([], null);
    }

    private JobStatus Checked(JobStatus before, JobStatus after)
    {
        if (after.Job != before.Job || (after.State != before.State && !JobStatus.IsStep(before.State, after.State)))
        {
            throw new InvalidOperationException($"A job cannot go from '{before.State}' to '{after.State}'.");
        }

        var now = time.GetUtcNow();
        return after with
        {
            Updated = now,
            Started = after.State == JobState.Running ? after.Started ?? now : after.Started,
            Ended = after.IsEnded ? now : null,
            Eta = after.State == JobState.Running ? after.Eta : null,
        };
    }

    private async Task<BinaryData?> ReadAsync(string job, Func<string, string> path, CancellationToken cancellation) =>
        EntityName.IsValid(job) ? (await _container.TryReadAsync(path(job), cancellation))?.Content : null;
}
