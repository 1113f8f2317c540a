using Azure.Storage.Queues;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Cli.Hosting;

namespace Serverless.Cli.Tests.Hosting;

/// <summary>A local host with the sample functions and an Azurite of its own.</summary>
public sealed class SampleHost : IAsyncLifetime
{
    public static readonly TimeSpan MessageLock = TimeSpan.FromSeconds(2);

    private readonly TemporaryFolder _folder = new();
    private LocalHost? _host;

    public Trace Trace { get; } = new();

    public HttpClient Http { get; private set; } = new();

    public async Task InitializeAsync()
    {
        var hostJson = _folder.File("app.json");
        await File.WriteAllTextAsync(hostJson, """
            {
              "version": "2.0",
              "extensions": {
                "http": { "routePrefix": "sample" },
                "queues": { "batchSize": 4, "newBatchThreshold": 2, "maxDequeueCount": 3, "visibilityTimeout": "00:00:00", "maxPollingInterval": "00:00:02" }
              }
            }
            """);
        _host = await LocalHost.StartAsync(new LocalHostOptions
        {
            Folder = _folder.File("data"),
            Apps = [new FunctionApp("sample", [typeof(SampleHttpFunctions), typeof(SampleQueueFunctions)], hostJson, (services, _) => services.AddSingleton(Trace))],
            Settings = new Dictionary<string, string?> { ["TextQueue"] = "text" },
            MessageLock = MessageLock,
            MaxPollingInterval = TimeSpan.FromMilliseconds(100),
        });
        Http = new HttpClient { BaseAddress = _host.Url };
    }

    public async Task<QueueClient> QueueAsync(string name, QueueMessageEncoding encoding = QueueMessageEncoding.Base64)
    {
        var queue = new QueueClient(_host!.StorageConnectionString, name, new QueueClientOptions { MessageEncoding = encoding });
        await queue.CreateIfNotExistsAsync();
        return queue;
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _folder.Dispose();
    }
}
