using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Cli.Hosting.Functions;
using Serverless.Cli.Hosting.Http;
using Serverless.Cli.Hosting.Queues;
using Serverless.Cli.Hosting.Timers;

namespace Serverless.Cli.Hosting;

/// <summary>A function app at work: its services, its functions and the listeners that trigger them.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly HostJson _hostJson;
    private readonly FunctionCatalog _functions;
    private readonly IReadOnlySet<Type> _singletons;
    private readonly LocalHostOptions _options;
    private readonly string _storage;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandoning = new();
    private Task _listening = Task.CompletedTask;

    private RunningApp(IHost host, HostJson hostJson, FunctionCatalog functions, IReadOnlySet<Type> singletons, LocalHostOptions options, string storage)
    {
        _host = host;
        _hostJson = hostJson;
        _functions = functions;
        _singletons = singletons;
        _options = options;
        _storage = storage;
    }

    /// <summary>Builds an app's services and finds its functions. Nothing is triggered yet.</summary>
    /// <param name="app">The app.</param>
    /// <param name="options">The host's options.</param>
    /// <param name="storage">Connection string of the storage account.</param>
    /// <param name="logging">Adds the host's log providers.</param>
    public static RunningApp Create(FunctionApp app, LocalHostOptions options, string storage, Action<ILoggingBuilder> logging)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = app.Name });
        builder.Configuration.AddEnvironmentVariables();
        builder.Configuration.AddInMemoryCollection(options.Settings);
        builder.Configuration.AddInMemoryCollection([new("AzureWebJobsStorage", storage)]);
        builder.Services.AddLogging(logging);
        builder.Services.AddSingleton(options.Time);

        // What executes IActionResult, as the worker's own ASP.NET Core integration has it.
        builder.Services.AddMvcCore();
        app.ConfigureServices(builder.Services, builder.Configuration);
        var hostJson = HostJson.Read(app.HostJsonPath);
        var singletons = builder.Services
            .Where(service => service is { Lifetime: ServiceLifetime.Singleton, IsKeyedService: false })
            .Select(service => service.ServiceType)
            .Except(builder.Services.Where(service => service.Lifetime != ServiceLifetime.Singleton).Select(service => service.ServiceType))
            .ToHashSet();
        return new RunningApp(builder.Build(), hostJson, FunctionCatalog.Read(app.Types, hostJson.RoutePrefix, builder.Configuration), singletons, options, storage);
    }

    /// <summary>Maps the app's HTTP functions.</summary>
    public void Map(IEndpointRouteBuilder endpoints) =>
        new FunctionEndpoints(_host.Services, _singletons, _host.Services.GetRequiredService<ILogger<FunctionEndpoints>>()).Map(endpoints, _functions.Http);

    /// <summary>Starts the app's own services, then its queue and timer triggers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _host.StartAsync(cancellationToken);
        var queueOptions = _hostJson.Queues with
        {
            MaxPollingInterval = _hostJson.Queues.MaxPollingInterval < _options.MaxPollingInterval ? _hostJson.Queues.MaxPollingInterval : _options.MaxPollingInterval,
        };
        var queueLogger = _host.Services.GetRequiredService<ILogger<QueueListener>>();
        var timerLogger = _host.Services.GetRequiredService<ILogger<TimerListener>>();
        _listening = Task.WhenAll([
            .. _functions.Queues.Select(function => new QueueListener(function, _storage, queueOptions, _options.MessageLock, _host.Services, _options.Time, queueLogger)
                .RunAsync(_stopping.Token, _abandoning.Token)),
            .. _functions.Timers.Select(function => new TimerListener(function, _host.Services, _options.Time, timerLogger)
                .RunAsync(_stopping.Token, _abandoning.Token)),
        ]);
    }

    /// <summary>Stops the triggers, lets running functions finish for a while, then stops the app's services.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _abandoning.CancelAfter(_options.StopGrace);
        await _listening;
        await _host.StopAsync();
        _host.Dispose();
        _stopping.Dispose();
        _abandoning.Dispose();
    }
}
