using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Serverless.Cli.Hosting.Processes;

/// <summary>Azurite as a child: Blob and Queue storage on this machine with data on disk. Started again on the same ports when it dies.</summary>
internal sealed partial class Azurite : IAsyncDisposable
{
    // Azurite's well-known account, the same on every machine: not a secret.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);

    private readonly string _script;
    private readonly string _folder;
    private readonly LogFile _log;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();

    private ChildProcess? _process;
    private Task _supervision = Task.CompletedTask;

    private Azurite(string script, string folder, LogFile log, TimeProvider time, ILogger logger)
    {
        _script = script;
        _folder = folder;
        _log = log;
        _time = time;
        _logger = logger;
    }

    /// <summary>The blob service's port.</summary>
    public int BlobPort { get; private set; }

    /// <summary>The queue service's port.</summary>
    public int QueuePort { get; private set; }

    /// <summary>How storage clients connect.</summary>
    public string ConnectionString => string.Create(
        CultureInfo.InvariantCulture,
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint=http://127.0.0.1:{BlobPort}/{Account};QueueEndpoint=http://127.0.0.1:{QueuePort}/{Account};");

    /// <summary>The running process.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>Starts Azurite and waits until it listens.</summary>
    /// <param name="script">Its start script.</param>
    /// <param name="folder">Where its data lies.</param>
    /// <param name="blobPort">Port, 0 for any.</param>
    /// <param name="queuePort">Port, 0 for any.</param>
    /// <param name="log">Where its output goes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where restarts are told.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PortTakenException">A port is in use.</exception>
    /// <exception cref="HostStartException">Node is missing, or Azurite ended at once.</exception>
    public static async Task<Azurite> StartAsync(
        string script, string folder, int blobPort, int queuePort, LogFile log, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var azurite = new Azurite(script, folder, log, time, logger) { BlobPort = blobPort, QueuePort = queuePort };
        try
        {
            await azurite.StartProcessAsync(cancellationToken);
            azurite._supervision = azurite.SuperviseAsync();
            return azurite;
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _supervision;
        if (_process is { } process)
        {
            await process.StopAsync(StopTime);
            await process.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var failure = "";
        void Read(string line)
        {
            _log.Write("azurite", line);
            if (Listening().Match(line) is { Success: true } match)
            {
                var port = int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
                if (match.Groups[1].ValueSpan.SequenceEqual("Blob"))
                {
                    BlobPort = port;
                }
                else
                {
                    // Azurite starts its services one after the other: with queues up, blobs are.
                    QueuePort = port;
                    listening.TrySetResult();
                }
            }
            else if (line.Contains("error", StringComparison.OrdinalIgnoreCase) && failure.Length == 0)
            {
                failure = line;
            }
        }

        string[] arguments =
        [
            "--require", Path.Combine(AppContext.BaseDirectory, "stop-with-parent.cjs"),
            _script,
            "--blobPort", BlobPort.ToString(CultureInfo.InvariantCulture),
            "--queuePort", QueuePort.ToString(CultureInfo.InvariantCulture),
            "--tablePort", "0",
            "--location", _folder,
            "--skipApiVersionCheck", "--disableTelemetry", "--silent",
        ];
        var process = _process = ChildProcess.Start("node", arguments, [], Read);
        var first = await Task.WhenAny(listening.Task, process.Exited).WaitAsync(StartTime, cancellationToken);
        if (first == listening.Task)
        {
            return;
        }

        if (PortInUse().Match(failure) is { Success: true } taken)
        {
            var port = int.Parse(taken.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            throw port == QueuePort
                ? new PortTakenException(port, "Azurite's queue service", "--queue-port")
                : new PortTakenException(port, "Azurite's blob service", "--blob-port");
        }

        var code = await process.Exited;
        throw new HostStartException(string.Create(
            CultureInfo.InvariantCulture,
            $"Azurite ended with exit code {code}: {(failure.Length == 0 ? "it said nothing" : failure)}. Its output is in {_log.Path}."));
    }

    private async Task SuperviseAsync()
    {
        try
        {
            while (true)
            {
                var code = await _process!.Exited.WaitAsync(_stopping.Token);
                LogDied(_logger, code);
                await _process.DisposeAsync();
                await RestartAsync();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RestartAsync()
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            try
            {
                await StartProcessAsync(_stopping.Token);
                return;
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                LogNotRestarted(_logger, e.Message);
                await _process!.DisposeAsync();
                await Task.Delay(pause, _time, _stopping.Token);
                pause = pause < TimeSpan.FromSeconds(5) ? pause + pause : pause;
            }
        }
    }

    [GeneratedRegex(@"Azurite (Blob|Queue) service is successfully listening at https?://[^:/]+:(\d+)")]
    private static partial Regex Listening();

    [GeneratedRegex(@"EADDRINUSE.*?:(\d+)\s*$")]
    private static partial Regex PortInUse();

    [LoggerMessage(EventId = 3401, Level = LogLevel.Warning, Message = "Azurite ended with exit code {ExitCode}; starting it again")]
    private static partial void LogDied(ILogger logger, int exitCode);

    [LoggerMessage(EventId = 3402, Level = LogLevel.Error, Message = "Azurite could not be started again: {Reason}")]
    private static partial void LogNotRestarted(ILogger logger, string reason);
}
