using System.Text;
using System.Text.Json;
using Azure.Storage.Queues.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.ControlPlane.Planning;
using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Jobs;
using Serverless.Core.Models;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;
using Serverless.Testing;

namespace Serverless.ControlPlane.Tests;

/// <summary>The control plane over HTTP with real storage and the dataset <c>shapes</c>: 40 train rows and 12 test rows of 4 numbers, 3 classes.</summary>
public sealed class ControlPlaneApp : IAsyncLifetime
{
    public const string Dataset = "shapes";

    private readonly AzuriteServer _azurite = new();
    private FunctionServer? _server;

    public ShiftedTime Time { get; } = new();

    public HttpClient Client => _server!.Client;

    public ServerlessStorage Storage => Get<ServerlessStorage>();

    public JobStore Jobs => Get<JobStore>();

    public RoundStore Rounds => Get<RoundStore>();

    public ModelStore Models => Get<ModelStore>();

    public DatasetManifest Train { get; private set; } = null!;

    public T Get<T>()
        where T : notnull => _server!.Services.GetRequiredService<T>();

    /// <summary>An app's functions class, made as the Functions worker makes it.</summary>
    public T Functions<T>() => ActivatorUtilities.CreateInstance<T>(_server!.Services);

    public async Task InitializeAsync()
    {
        _server = await FunctionServer.StartAsync(typeof(ControlPlaneServices).Assembly, Configure);
        await Storage.CreateAsync();
        await ImportAsync();
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        await _azurite.DisposeAsync();
    }

    /// <summary>Leaves no active job and no message of an earlier test, and sets the clock right.</summary>
    public async Task ResetAsync()
    {
        Time.Ahead = TimeSpan.Zero;
        await foreach (var job in Jobs.ActiveJobsAsync())
        {
            await Jobs.RetireAsync(job);
        }

        foreach (var queue in StorageNames.Queues)
        {
            await Storage.Queue(queue).ClearMessagesAsync();
            await Storage.Queue(StorageNames.Poison(queue)).ClearMessagesAsync();
        }
    }

    public static JobSpec Spec(string fields = "") => JobSpec.Parse(Encoding.UTF8.GetBytes(SpecJson(fields)));

    /// <summary>A legal job of 4 rounds on 2 shards, with more fields (or other values) if given.</summary>
    public static string SpecJson(string fields = "")
    {
        var spec = new Dictionary<string, JsonElement>();
        foreach (var json in new[]
        {
            """{"dataset":"shapes","network":{"layers":[{"type":"linear"}]},"shards":2,"batchSize":10,"rounds":4,"evaluateEvery":4,"optimizer":{"type":"sgd","learningRate":0.1}}""",
            $"{{{fields}}}",
        })
        {
            foreach (var field in JsonDocument.Parse(json).RootElement.EnumerateObject())
            {
                spec[field.Name] = field.Value;
            }
        }

        return JsonSerializer.Serialize(spec);
    }

    /// <summary>Submits a job and plans it.</summary>
    public async Task<TrainingJob> PlanAsync(string fields = "")
    {
        var job = await Jobs.SubmitAsync(Spec(fields));
        await Functions<PlanFunctions>().Plan(Message(new JobMessage(job).ToBinaryData()), CancellationToken.None);
        await Storage.Queue(StorageNames.TrainingJobsQueue).ClearMessagesAsync();
        return await TrainingJob.LoadAsync(Jobs, job) ?? throw new InvalidOperationException("The job was not planned.");
    }

    public static QueueMessage Message(BinaryData body, long attempts = 1, string id = "0f8fad5b-d9cb-469f-a165-70867728950e") =>
        QueuesModelFactory.QueueMessage(id, "receipt", body, attempts, null, new DateTimeOffset(2026, 11, 20, 18, 30, 0, TimeSpan.Zero), null);

    /// <summary>Takes all messages of a queue.</summary>
    public async Task<IReadOnlyList<string>> TakeAsync(string queue)
    {
        var client = Storage.Queue(queue);
        var taken = new List<string>();
        while ((await client.ReceiveMessagesAsync(32)).Value is { Length: > 0 } messages)
        {
            foreach (var message in messages)
            {
                taken.Add(message.Body.ToString());
                await client.DeleteMessageAsync(message.MessageId, message.PopReceipt);
            }
        }

        return [.. taken.Order(StringComparer.Ordinal)];
    }

    public async Task<(int Status, JsonElement Body)> GetAsync(string route) => await ReadAsync(await Client.GetAsync(new Uri(route, UriKind.Relative)));

    public async Task<(int Status, JsonElement Body)> SubmitAsync(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        return await ReadAsync(await Client.PostAsync(new Uri("api/jobs", UriKind.Relative), content));
    }

    public static async Task<(int Status, JsonElement Body)> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var body = await answer.Content.ReadAsByteArrayAsync();
            return ((int)answer.StatusCode, body.Length == 0 ? default : JsonDocument.Parse(body).RootElement);
        }
    }

    /// <summary>How many blobs the container of jobs has.</summary>
    public async Task<int> CountJobBlobsAsync()
    {
        var count = 0;
        await foreach (var _ in Storage.Jobs.GetBlobsAsync())
        {
            count++;
        }

        return count;
    }

    private void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["AzureWebJobsStorage"] = _azurite.ConnectionString });
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddControlPlane(builder.Configuration);
    }

    private async Task ImportAsync()
    {
        var folder = Directory.CreateTempSubdirectory("serverless-control-plane-");
        try
        {
            var train = Path.Combine(folder.FullName, "train.csv");
            var test = Path.Combine(folder.FullName, "test.csv");
            await File.WriteAllLinesAsync(train, Enumerable.Range(0, 40).Select(Row));
            await File.WriteAllLinesAsync(test, Enumerable.Range(100, 12).Select(Row));
            var imported = await new DatasetImporter(Get<DatasetStore>()).ImportAsync(new ImportOptions
            {
                Name = Dataset,
                Format = SourceFormat.Csv,
                Train = new SourceFiles(train),
                Test = new SourceFiles(test),
                Scale = ImportScaling.DivideBy(16),
                Seed = 1,
            });
            Train = imported.Train;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Row(int i) => FormattableString.Invariant($"{i % 17},{(i * 7) % 13},{(i * 3) % 11},{i % 5},{i % 3}");
}
