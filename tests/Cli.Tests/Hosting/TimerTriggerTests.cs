using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Cli.Hosting.Functions;
using Serverless.Cli.Hosting.Timers;

namespace Serverless.Cli.Tests.Hosting;

public sealed class TimerTriggerTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 7, TimeSpan.Zero);

    private readonly ManualTime _time = new(Start);
    private readonly Trace _trace = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    [Fact]
    public async Task Timer_EachTenSeconds_RunsAtTheScheduledTimes()
    {
        await RunAsync<EachTenSeconds>();
        Assert.Empty(_trace.Seen("timer"));

        await AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Empty(_trace.Seen("timer"));
        await AdvanceAsync(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => _trace.Seen("timer").Count == 1, "the first run");
        await AdvanceAsync(TimeSpan.FromSeconds(10));
        await Eventually.TrueAsync(() => _trace.Seen("timer").Count == 2, "the second run");

        Assert.Equal(["12:00:10 next 12:00:20 late False", "12:00:20 next 12:00:30 late False"], _trace.Seen("timer"));
    }

    [Fact]
    public async Task Timer_RunOnStartup_RunsAtOnce()
    {
        await RunAsync<AtStartup>();

        Assert.Single(_trace.Seen("startup"));
    }

    [Fact]
    public async Task Timer_ClockLeapsOverOccurrences_RunsOnceAndIsPastDue()
    {
        await RunAsync<EachTenSeconds>();

        await AdvanceAsync(TimeSpan.FromSeconds(35));
        await Eventually.TrueAsync(() => _trace.Seen("timer").Count == 1, "one run for the time that was missed");
        await AdvanceAsync(TimeSpan.FromSeconds(8));
        await Eventually.TrueAsync(() => _trace.Seen("timer").Count == 2, "the next run");

        Assert.Equal(["12:00:10 next 12:00:20 late True", "12:00:50 next 12:01:00 late False"], _trace.Seen("timer"));
    }

    [Fact]
    public async Task Timer_FunctionThrows_RunsAgainNextTime()
    {
        await RunAsync<AlwaysFailing>();

        await AdvanceAsync(TimeSpan.FromSeconds(3));
        await Eventually.TrueAsync(() => _trace.Seen("failing").Count == 1, "the first run");
        await AdvanceAsync(TimeSpan.FromSeconds(10));
        await Eventually.TrueAsync(() => _trace.Seen("failing").Count == 2, "the second run");
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync<TFunctions>()
    {
        var catalog = FunctionCatalog.Read([typeof(TFunctions)], "", new ConfigurationBuilder().Build());
        var services = new ServiceCollection().AddSingleton(_trace).BuildServiceProvider();
        var listener = new TimerListener(Assert.Single(catalog.Timers), services, _time, NullLogger<TimerListener>.Instance);
        _running = listener.RunAsync(_stopping.Token, CancellationToken.None);
        await Eventually.TrueAsync(() => _time.Waiting == 1, "the timer waits");
    }

    private async Task AdvanceAsync(TimeSpan by)
    {
        await Eventually.TrueAsync(() => _time.Waiting == 1, "the timer waits");
        _time.Advance(by);
    }

    public sealed class EachTenSeconds(Trace trace)
    {
        [Function("EachTenSeconds")]
        public void Run([TimerTrigger("*/10 * * * * *")] TimerInfo timer) =>
            trace.Note("timer", $"{timer.ScheduleStatus!.Last:HH:mm:ss} next {timer.ScheduleStatus.Next:HH:mm:ss} late {timer.IsPastDue}");
    }

    public sealed class AtStartup(Trace trace)
    {
        [Function("AtStartup")]
        public void Run([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true)] TimerInfo timer) => trace.Note("startup", timer.ScheduleStatus!.Next.ToString("O"));
    }

    public sealed class AlwaysFailing(Trace trace)
    {
        [Function("AlwaysFailing")]
        public Task Run([TimerTrigger("*/10 * * * * *")] TimerInfo timer)
        {
            trace.Note("failing", $"{timer.IsPastDue}");
            return Task.FromException(new InvalidOperationException("no luck today"));
        }
    }
}
