using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Serverless.Cli.Hosting.Http;
using Serverless.Cli.Hosting.Logging;
using Serverless.Cli.Hosting.Processes;
using Serverless.Core.Storage;

namespace Serverless.Cli.Hosting;

/// <summary>
/// The whole system on one machine: storage by Azurite, the function apps in this process (HTTP, queue and timer triggers), trainers as processes. It runs the
/// very code that the cloud runs; what Azure's hosts and scalers do there, it does here.
/// </summary>
public sealed class LocalHost : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _parts = new();
    private Azurite? _azurite;
    private TrainerPool? _trainers;
    private bool _isDisposed;

    private LocalHost(string folder)
    {
        Folder = folder;
    }

    /// <summary>Root of the HTTP triggers.</summary>
    public Uri Url { get; private set; } = new("http://localhost");

    /// <summary>Connection string of the storage account.</summary>
    public string StorageConnectionString { get; private set; } = "";

    /// <summary>The same where it is Azurite's, whose key everybody knows; null for a storage account that the host was given.</summary>
    public string? PublicStorage => _azurite?.ConnectionString;

    /// <summary>The data folder's full path.</summary>
    public string Folder { get; }

    /// <summary>Process ids of the trainers that run now.</summary>
    public IReadOnlyList<int> TrainerProcessIds => _trainers?.ProcessIds ?? [];

    /// <summary>Azurite's process id, or null where the host uses a storage account it was given.</summary>
    public int? AzuriteProcessId => _azurite?.ProcessId;

    /// <summary>Starts everything and returns when requests are answered.</summary>
    /// <param name="options">What to run and where.</param>
    /// <param name="cancellationToken">Gives up; nothing is left running.</param>
    /// <exception cref="PortTakenException">A port is in use by another program.</exception>
    /// <exception cref="FolderInUseException">Another host runs on the folder.</exception>
    /// <exception cref="HostStartException">Something is missing, or a function app is not one that this host can run.</exception>
    public static async Task<LocalHost> StartAsync(LocalHostOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var folder = DataFolder.Take(options.Folder);
        var host = new LocalHost(folder.Path);
        host._parts.Push(new Releasing(folder.Dispose));
        try
        {
            await host.StartAsync(options, folder, cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops triggers, trainers and storage, in this order, and waits until every process is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        while (_parts.TryPop(out var part))
        {
            await part.DisposeAsync();
        }
    }

    private async Task StartAsync(LocalHostOptions options, DataFolder folder, CancellationToken cancellationToken)
    {
        var log = new LogFile(Path.Combine(folder.Logs, "host.log"), options.Time);
        _parts.Push(new Releasing(log.Dispose));
        void ConfigureLogging(ILoggingBuilder logging)
        {
            logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Azure", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning);
            logging.AddProvider(new LogFileProvider(log));
            options.ConfigureLogging?.Invoke(logging);
        }

        var loggers = LoggerFactory.Create(ConfigureLogging);
        _parts.Push(new Releasing(loggers.Dispose));
        if (options.StorageConnectionString is { } given)
        {
            StorageConnectionString = given;
        }
        else
        {
            var storageLog = new LogFile(Path.Combine(folder.Logs, "azurite.log"), options.Time);
            _parts.Push(new Releasing(storageLog.Dispose));
            _azurite = await Azurite.StartAsync(
                AzuritePackage.Find(), folder.Storage, options.BlobPort, options.QueuePort, storageLog, options.Time, loggers.CreateLogger<Azurite>(), cancellationToken);
            _parts.Push(_azurite);
            StorageConnectionString = _azurite.ConnectionString;
        }

        var storage = ServerlessStorage.Connect(StorageConnectionString);
        await storage.CreateAsync(cancellationToken);
        var apps = options.Apps.Select(app => RunningApp.Create(app, options, StorageConnectionString, ConfigureLogging)).ToList();
        HostRecord? record = null;
        var web = BuildWeb(options, apps, () => record, ConfigureLogging);
        _parts.Push(web);
        Url = await web.StartAsync(cancellationToken);
        foreach (var app in apps)
        {
            _parts.Push(app);
            await app.StartAsync(cancellationToken);
        }

        if (options.Trainers is { Max: > 0 } trainers)
        {
            _trainers = new TrainerPool(
                trainers, storage.Queue(StorageNames.TrainingShardsQueue), StorageConnectionString, folder.Logs, options.StopGrace, options.Time, loggers.CreateLogger<TrainerPool>());
            _parts.Push(_trainers);
        }

        record = new HostRecord(Url, Environment.ProcessId, folder.Path, PublicStorage, options.Trainers?.Max ?? 0, options.Time.GetUtcNow());
        folder.Publish(record);
    }

    private static TriggerServer BuildWeb(LocalHostOptions options, List<RunningApp> apps, Func<HostRecord?> record, Action<ILoggingBuilder> logging)
    {
        var web = new TriggerServer(options.Port, apps, logging);
        web.Routes.MapGet(HostRecord.Route, context =>
        {
            context.Response.ContentType = "application/json";
            return record() is { } known ? context.Response.Body.WriteAsync(known.ToJson()).AsTask() : NotReady(context);
        });
        return web;
    }

    private static Task NotReady(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }

    private sealed class Releasing(Action release) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            release();
            return ValueTask.CompletedTask;
        }
    }
}
