using System.Runtime.InteropServices;
using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Datasets.Import;

/// <summary>What all tests of imports into a real Azurite share.</summary>
public abstract class ImportTests : IAsyncLifetime, IDisposable
{
    private static int _names;

    protected ImportTests(AzuriteServer azurite)
    {
        Storage = ServerlessStorage.Connect(azurite.ConnectionString);
        Store = new DatasetStore(Storage.Datasets);
        Name = $"{GetType().Name.ToLowerInvariant()}-{Interlocked.Increment(ref _names)}";
    }

    protected ServerlessStorage Storage { get; }

    protected DatasetStore Store { get; }

    /// <summary>A name no other test uses.</summary>
    protected string Name { get; }

    private protected SourceBuilder Files { get; } = new();

    private protected Task<ImportResult> ImportAsync(ImportOptions options) => new DatasetImporter(Store).ImportAsync(options);

    private protected ImportOptions Csv(string train, string? test = null) => new()
    {
        Name = Name,
        Format = SourceFormat.Csv,
        Train = new SourceFiles(Files.Csv(train)),
        Test = test is null ? null : new SourceFiles(Files.Csv(test)),
    };

    private protected ImportOptions Tensors(SourceFormat format, byte[] features, byte[] labels) => new()
    {
        Name = Name,
        Format = format,
        Train = new SourceFiles(Files.Write(features), Files.Write(labels)),
    };

    /// <summary>All rows of a split as they are stored.</summary>
    private protected async Task<List<byte[]>> RowsAsync(DatasetManifest manifest)
    {
        var bytes = new byte[manifest.Rows * manifest.RowBytes];
        using var reader = Store.OpenReader(manifest);
        for (var part = 0; part < manifest.Parts.Count; part++)
        {
            using var lease = await reader.GetPartAsync(part);
            lease.Rows.CopyTo(bytes.AsMemory((int)manifest.FirstRow(part) * manifest.RowBytes));
        }

        return [.. bytes.Chunk(manifest.RowBytes)];
    }

    /// <summary>The features of every row, where they are float32.</summary>
    private protected async Task<List<float[]>> FloatsAsync(DatasetManifest manifest) =>
        [.. (await RowsAsync(manifest)).Select(row => MemoryMarshal.Cast<byte, float>(row.AsSpan(0, manifest.Features.Bytes)).ToArray())];

    private protected static int Class(DatasetManifest manifest, byte[] row) => BitConverter.ToInt32(row, manifest.Features.Bytes);

    private protected async Task<List<string>> BlobsAsync()
    {
        var names = new List<string>();
        await foreach (var blob in Storage.Datasets.GetBlobsAsync(prefix: $"{Name}/"))
        {
            names.Add(blob.Name);
        }

        return names;
    }

    public async Task InitializeAsync() => await Storage.Datasets.CreateIfNotExistsAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        Files.Dispose();
        GC.SuppressFinalize(this);
    }
}
