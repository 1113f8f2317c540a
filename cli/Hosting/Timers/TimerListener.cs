using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Cli.Hosting.Functions;

namespace Serverless.Cli.Hosting.Timers;

/// <summary>Runs a function by its schedule. Never two runs at once: an occurrence that falls into a run is left out and the next run is past due.</summary>
internal sealed partial class TimerListener(TimerFunction function, IServiceProvider services, TimeProvider time, ILogger<TimerListener> logger)
{
    // Longer sleeps than this are cut in pieces: a timer of the system may not be set further ahead than 49 days.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(12);

    private readonly IServiceScopeFactory _scopes = services.GetRequiredService<IServiceScopeFactory>();

    /// <summary>Runs the function at its times until stopped.</summary>
    /// <param name="stopping">Ends waiting for the next time.</param>
    /// <param name="abandoning">Ends a run that does not finish in time.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abandoning)
    {
        var last = time.GetUtcNow().UtcDateTime;
        var next = function.Schedule.GetNextOccurrence(last);
        if (function.RunOnStartup)
        {
            await InvokeAsync(last, next, isPastDue: false, abandoning);
        }

        try
        {
            while (true)
            {
                for (var left = next - Now(); left > TimeSpan.Zero; left = next - Now())
                {
                    await Task.Delay(left < LongestSleep ? left : LongestSleep, time, stopping);
                }

                stopping.ThrowIfCancellationRequested();
                var following = function.Schedule.GetNextOccurrence(next);
                await InvokeAsync(next, following, isPastDue: following <= Now(), abandoning);
                last = Now();
                next = function.Schedule.GetNextOccurrence(last > next ? last : next);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private DateTime Now() => time.GetUtcNow().UtcDateTime;

    private async Task InvokeAsync(DateTime last, DateTime next, bool isPastDue, CancellationToken abandoning)
    {
        var timer = new TimerInfo { IsPastDue = isPastDue, ScheduleStatus = new ScheduleStatus { Last = last, Next = next, LastUpdated = Now() } };
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            await function.Invoke(function.Activate?.Invoke(scope.ServiceProvider), timer, abandoning);
        }
        catch (OperationCanceledException) when (abandoning.IsCancellationRequested)
        {
            // The host stops; a timer's work is safe to cut short and comes again.
        }
        catch (Exception e)
        {
            LogFailed(logger, e, function.Name);
        }
    }

    [LoggerMessage(EventId = 3301, Level = LogLevel.Error, Message = "Timer function {Function} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string function);
}
