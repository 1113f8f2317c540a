using System.Globalization;
using System.Security.Cryptography;
using Serverless.Cli.Hosting;
using Serverless.Core.Models;
using Serverless.Core.Storage;

namespace Serverless.Benchmarks.Inference;

/// <summary>A storage account on this machine with models in it.</summary>
internal sealed class ModelHost : IAsyncDisposable
{
    private const string MemoryFolder = "/dev/shm";

    private readonly LocalHost _host;
    private readonly ServerlessStorage _storage;

    private ModelHost(LocalHost host, string folder)
    {
        _host = host;
        Folder = folder;
        _storage = ServerlessStorage.Connect(host.StorageConnectionString);
    }

    /// <summary>Connection string of the storage account.</summary>
    public string StorageConnectionString => _host.StorageConnectionString;

    /// <summary>A folder for the peers' files, gone with the host.</summary>
    public string Folder { get; }

    /// <summary>Starts Azurite.</summary>
    public static async Task<ModelHost> StartAsync(CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Directory.Exists(MemoryFolder) ? MemoryFolder : Path.GetTempPath(), $"serverless-bench-{Guid.NewGuid():N}")).FullName;
        return new ModelHost(await LocalHost.StartAsync(new LocalHostOptions { Folder = folder }, cancellation), folder);
    }

    /// <summary>Publishes a model as its version 1.</summary>
    /// <param name="network">The model.</param>
    /// <param name="name">Its name.</param>
    /// <param name="serving">How it is to be served, as JSON; null for the defaults.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task PublishAsync(ServedNetwork network, string name, string? serving, CancellationToken cancellation)
    {
        if (serving is not null)
        {
            await _storage.Models.GetBlobClient(ModelBlobs.ServingConfig(name)).UploadAsync(BinaryData.FromString(serving), overwrite: true, cancellation);
        }

        var store = new ModelStore(_storage);
        var job = string.Create(CultureInfo.InvariantCulture, $"benchmark {name}");
        var config = new ModelConfig
        {
            Name = name,
            Version = await store.ClaimVersionAsync(name, job, cancellation),
            Job = job,
            Dataset = network.Name,
            Created = DateTimeOffset.UtcNow,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(network.Onnx)),
            Bytes = network.Onnx.Length,
            Inputs = [],
            Outputs = [],
            Classes = [],
            Preprocessing = new ModelPreprocessing(InsideModel: true, [0], [1]),
        };
        var metrics = new ModelMetrics
        {
            Job = job,
            ParametersSha256 = "",
            TestRows = 0,
            ComparedRows = 0,
            MaximumDifference = 0,
            LatencyBatch1Milliseconds = 0,
            LatencyBatch32Milliseconds = 0,
        };
        await store.WriteAsync(config, new ModelFiles(network.Onnx, metrics, "{}"u8.ToArray()), cancellation);
    }

    /// <summary>Writes a file for a peer.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, byte[] content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
