using System.Globalization;
using Azure;
using Azure.Storage.Queues;
using Microsoft.Extensions.Logging;

namespace Serverless.Cli.Hosting.Processes;

/// <summary>
/// Starts trainers while shards wait in the queue, as the cloud's scaler does: none when nothing waits, one for each waiting message up to the maximum. It never
/// stops one: trainers leave by themselves when there is nothing left to do, and a trainer that dies is replaced because the reconciler offers its shards again.
/// </summary>
internal sealed partial class TrainerPool : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly TrainerPoolOptions _options;
    private readonly QueueClient _shards;
    private readonly string _connectionString;
    private readonly string _logFolder;
    private readonly TimeSpan _stopGrace;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Slot> _running = [];
    private readonly Task _loop;

    private TimeSpan _pause = TimeSpan.Zero;
    private DateTimeOffset _notBefore;
    private int _started;

    /// <summary>Starts watching the queue.</summary>
    /// <param name="options">What to start.</param>
    /// <param name="shards">The queue of shards.</param>
    /// <param name="connectionString">The storage account for the trainers.</param>
    /// <param name="logFolder">Where each trainer's output goes, a file for each that runs at once.</param>
    /// <param name="stopGrace">How long trainers may take to finish their round when the pool stops.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where starts and ends are told.</param>
    public TrainerPool(
        TrainerPoolOptions options, QueueClient shards, string connectionString, string logFolder, TimeSpan stopGrace, TimeProvider time, ILogger<TrainerPool> logger)
    {
        _options = options;
        _shards = shards;
        _connectionString = connectionString;
        _logFolder = logFolder;
        _stopGrace = stopGrace;
        _time = time;
        _logger = logger;
        _loop = RunAsync();
    }

    /// <summary>The running trainers' process ids.</summary>
    public IReadOnlyList<int> ProcessIds
    {
        get
        {
            lock (_running)
            {
                return [.. _running.Select(slot => slot.Process.Id)];
            }
        }
    }

    /// <summary>Stops: no more starts, and the running trainers are asked to leave.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        await Task.WhenAll(_running.Select(async slot =>
        {
            await slot.Process.StopAsync(_stopGrace);
            await slot.Process.DisposeAsync();
            slot.Log.Dispose();
        }));
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await RemoveEndedAsync();
                if (_running.Count < _options.Max && _time.GetUtcNow() >= _notBefore)
                {
                    StartFor(await WaitingMessagesAsync());
                }

                await Task.Delay(_options.PollingInterval, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>How many messages could be taken right now; the service lets one look at 32 at most.</summary>
    private async Task<int> WaitingMessagesAsync()
    {
        try
        {
            var waiting = await _shards.PeekMessagesAsync(Math.Min(_options.Max + _running.Count, 32), _stopping.Token);
            return waiting.Value.Length;
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            if (e is not RequestFailedException { ErrorCode: "QueueNotFound" })
            {
                LogUnreachable(_logger, e.Message);
            }

            return 0;
        }
    }

    private void StartFor(int waiting)
    {
        var now = _time.GetUtcNow();
        var coming = _running.Count(slot => now - slot.Started < _options.StartupTime);
        var wanted = Math.Min(waiting - coming, _options.Max - _running.Count);
        for (var i = 0; i < wanted; i++)
        {
            try
            {
                Start();
            }
            catch (HostStartException e)
            {
                LogNotStarted(_logger, e.Message);
                BackOff();
                return;
            }
        }
    }

    private void Start()
    {
        var number = Enumerable.Range(1, _options.Max).First(free => _running.TrueForAll(slot => slot.Number != free));
        var id = string.Create(CultureInfo.InvariantCulture, $"local-{Environment.ProcessId}-{++_started}");
        var log = new LogFile(Path.Combine(_logFolder, string.Create(CultureInfo.InvariantCulture, $"trainer-{number}.log")), _time);
        try
        {
            var process = ChildProcess.Start(_options.FileName, _options.Arguments, Settings(id), line => log.Write(id, line));
            lock (_running)
            {
                _running.Add(new Slot(number, id, process, log, _time.GetUtcNow()));
            }

            LogStarted(_logger, id, process.Id, log.Path);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    private Dictionary<string, string> Settings(string id)
    {
        var settings = new Dictionary<string, string>
        {
            ["AzureWebJobsStorage"] = _connectionString,
            ["SERVERLESS_TRAINER_ID"] = id,
            ["SERVERLESS_TRAINER_STOP_WITH_INPUT"] = "true",

            // One thread each: trainers share the cores among themselves, and threads that fight over a core cost up to ten times.
            ["SERVERLESS_TRAINER_THREADS"] = "1",
            ["OMP_NUM_THREADS"] = "1",
            ["OPENBLAS_NUM_THREADS"] = "1",
            ["MKL_NUM_THREADS"] = "1",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["ORT_DISABLE_TELEMETRY"] = "1",
        };
        foreach (var (name, value) in _options.Environment)
        {
            settings[name] = value;
        }

        return settings;
    }

    private async Task RemoveEndedAsync()
    {
        for (var i = _running.Count - 1; i >= 0; i--)
        {
            var slot = _running[i];
            if (!slot.Process.Exited.IsCompleted)
            {
                continue;
            }

            var code = await slot.Process.Exited;
            lock (_running)
            {
                _running.RemoveAt(i);
            }

            await slot.Process.DisposeAsync();
            slot.Log.Dispose();
            if (code == 0)
            {
                LogLeft(_logger, slot.Id);
            }
            else
            {
                LogDied(_logger, slot.Id, code, slot.Log.Path);
            }

            // One that had worked was done, was killed or met something rare: another may start at once. One that ended young would do so again.
            if (_time.GetUtcNow() - slot.Started < _options.StartupTime)
            {
                BackOff();
            }
            else
            {
                _pause = TimeSpan.Zero;
            }
        }
    }

    private void BackOff()
    {
        _pause = _pause == TimeSpan.Zero ? FirstPause : _pause + _pause < LongestPause ? _pause + _pause : LongestPause;
        _notBefore = _time.GetUtcNow() + _pause;
    }

    private sealed record Slot(int Number, string Id, ChildProcess Process, LogFile Log, DateTimeOffset Started);

    [LoggerMessage(EventId = 3501, Level = LogLevel.Information, Message = "Trainer {Trainer} started (process {ProcessId}, log {Log})")]
    private static partial void LogStarted(ILogger logger, string trainer, int processId, string log);

    [LoggerMessage(EventId = 3502, Level = LogLevel.Information, Message = "Trainer {Trainer} had nothing left to do")]
    private static partial void LogLeft(ILogger logger, string trainer);

    [LoggerMessage(EventId = 3503, Level = LogLevel.Warning, Message = "Trainer {Trainer} ended with exit code {ExitCode}; its log is {Log}")]
    private static partial void LogDied(ILogger logger, string trainer, int exitCode, string log);

    [LoggerMessage(EventId = 3504, Level = LogLevel.Error, Message = "No trainer could be started: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string reason);

    [LoggerMessage(EventId = 3505, Level = LogLevel.Warning, Message = "The queue of shards could not be read: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string reason);
}
