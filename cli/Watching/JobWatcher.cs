using Serverless.Cli.Api;
using Serverless.Cli.Output;

namespace Serverless.Cli.Watching;

/// <summary>Follows a job until it ends and shows how it goes. A host that is away for a while is waited for.</summary>
/// <param name="client">The host.</param>
/// <param name="terminal">Where to show.</param>
/// <param name="time">The clock.</param>
internal sealed class JobWatcher(ServerlessClient client, Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Watches a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellation">Stops watching; the job goes on.</param>
    /// <exception cref="ApiException">There is no such job.</exception>
    public async Task<JobReport> WatchAsync(string job, CancellationToken cancellation)
    {
        var progress = new JobProgress();
        try
        {
            if (terminal.IsLive)
            {
                await LiveView.RunAsync(terminal.Error, progress, show => FollowAsync(job, progress, show, cancellation));
            }
            else
            {
                var lines = new LineView(terminal, time);
                await FollowAsync(job, progress, () => lines.Show(progress), cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            terminal.Note($"The job has not ended; it goes on where a host runs. See: serverless watch {job}, serverless cancel {job}");
            throw;
        }

        return progress.Report();
    }

    private async Task FollowAsync(string job, JobProgress progress, Action show, CancellationToken cancellation)
    {
        var lastAnswer = time.GetTimestamp();
        while (progress.Details?.Ended is null)
        {
            try
            {
                await ReadAsync(job, progress, cancellation);
                lastAnswer = time.GetTimestamp();
                show();
            }
            catch (Exception e) when (IsPassing(e, cancellation) && time.GetElapsedTime(lastAnswer) < Patience)
            {
                // The host or its storage restarts: the job does not care.
            }

            if (progress.Details?.Ended is null)
            {
                await Task.Delay(Pause, time, cancellation);
            }
        }
    }

    private static bool IsPassing(Exception exception, CancellationToken cancellation) => !cancellation.IsCancellationRequested
        && exception is HttpRequestException or OperationCanceledException or ApiException { Status: >= 500 };

    /// <summary>Details first: metrics read after an ended job's details are complete.</summary>
    private async Task ReadAsync(string job, JobProgress progress, CancellationToken cancellation)
    {
        var details = await client.GetJobAsync(job, cancellation);
        int before;
        do
        {
            before = progress.ReadAfter;
            progress.Update(details, await client.GetMetricsAsync(job, before, cancellation));
        }
        while (details.Ended is not null && progress.ReadAfter > before);
    }
}
