using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Core.Storage;

namespace Serverless.Core.Models;

/// <summary>
/// Published models. A version number is reserved by a claim that names the job, the files are written once, and the configuration comes last: who lists versions never
/// sees half a one, and a job that publishes again, after a crash or at the same time, gets the same version.
/// </summary>
public sealed class ModelStore(ServerlessStorage storage)
{
    private const string JobMetadata = "job";
    private const string HashMetadata = "sha256";
    private const string Json = "application/json";
    private const string Markdown = "text/markdown; charset=utf-8";

    private readonly BlobContainerClient _models = storage.Models;

    /// <summary>All complete versions, in no particular order.</summary>
    public async Task<IReadOnlyList<ModelVersion>> ListAsync(CancellationToken cancellation = default) =>
        [.. (await ListModelsAsync(cancellation).ConfigureAwait(false)).SelectMany(model => model.Versions)];

    /// <summary>
    /// All models that have a complete version. A version that a job publishes is complete with its configuration, one that somebody puts there with its model file.
    /// </summary>
    public async Task<IReadOnlyList<StoredModel>> ListModelsAsync(CancellationToken cancellation = default)
    {
        var configs = new Dictionary<string, ETag?>(StringComparer.Ordinal);
        var versions = new Dictionary<(string Name, int Version), List<BlobItem>>();
        await foreach (var blob in ListBlobsAsync(cancellation).ConfigureAwait(false))
        {
            if (ModelBlobs.TryParseVersionFile(blob.Name, out var name, out var version, out _))
            {
                if (!versions.TryGetValue((name, version), out var blobs))
                {
                    versions[(name, version)] = blobs = [];
                }

                blobs.Add(blob);
            }
            else if (ModelBlobs.TryParseServingConfig(blob.Name, out name))
            {
                configs[name] = blob.Properties.ETag;
            }
        }

        return
        [
            .. versions.Select(version => Describe(version.Key.Name, version.Key.Version, version.Value)).OfType<ModelVersion>()
                .GroupBy(version => version.Name, StringComparer.Ordinal)
                .Select(model => new StoredModel(model.Key, configs.GetValueOrDefault(model.Key), [.. model.OrderByDescending(version => version.Version)])),
        ];
    }

    // An account that nobody has used yet has no container, and no models.
    private async IAsyncEnumerable<BlobItem> ListBlobsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var blobs = _models.GetBlobsAsync(cancellationToken: cancellation).GetAsyncEnumerator(cancellation);
        while (await MoveNextAsync().ConfigureAwait(false))
        {
            yield return blobs.Current;
        }

        async Task<bool> MoveNextAsync()
        {
            try
            {
                return await blobs.MoveNextAsync().ConfigureAwait(false);
            }
            catch (RequestFailedException e) when (e.IsAbsent())
            {
                return false;
            }
        }
    }

    private static ModelVersion? Describe(string name, int number, List<BlobItem> blobs)
    {
        var prefix = ModelBlobs.VersionFile(name, number, "").Length;
        var created = blobs.Max(blob => blob.Properties.CreatedOn ?? default);
        var version = new ModelVersion(
            name, number, created, blobs.Select(blob => new ModelFile(blob.Name[prefix..], blob.Properties.ETag ?? default, blob.Properties.ContentLength ?? 0)));
        return version.HasConfig || (version.Model is not null && !version.IsPublished) ? version : null;
    }

    /// <summary>How a model is to be served, as somebody put it there; null where nobody did.</summary>
    public async Task<BinaryData?> TryReadServingConfigAsync(string model, CancellationToken cancellation = default) =>
        (await _models.TryReadAsync(ModelBlobs.ServingConfig(model), cancellation).ConfigureAwait(false))?.Content;

    /// <summary>Downloads a blob of a version as it was listed.</summary>
    /// <param name="version">The version.</param>
    /// <param name="file">One of its blobs.</param>
    /// <param name="into">Where to; written from front to back.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InvalidDataException">It is no longer what was listed.</exception>
    public async Task DownloadAsync(ModelVersion version, ModelFile file, Stream into, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(file);
        var path = ModelBlobs.VersionFile(version.Name, version.Version, file.Name);
        try
        {
            var options = new BlobDownloadToOptions { Conditions = new BlobRequestConditions { IfMatch = file.ETag } };
            await _models.GetBlobClient(path).DownloadToAsync(into, options, cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.IsAbsent() || e.IsLost())
        {
            throw new InvalidDataException($"{path} has been changed or deleted since it was listed.", e);
        }
    }

    /// <summary>The configuration of a version, or null where there is no such version.</summary>
    /// <exception cref="InvalidDataException">It is not a configuration of this version.</exception>
    public Task<ModelConfig?> TryGetConfigAsync(string model, int version, CancellationToken cancellation = default) =>
        TryReadAsync(ModelBlobs.Config(model, version), ModelJson.Default.ModelConfig, cancellation);

    /// <summary>The metrics of a version, or null where there are none.</summary>
    /// <exception cref="InvalidDataException">They are not metrics.</exception>
    public Task<ModelMetrics?> TryGetMetricsAsync(string model, int version, CancellationToken cancellation = default) =>
        TryReadAsync(ModelBlobs.Metrics(model, version), ModelJson.Default.ModelMetrics, cancellation);

    /// <summary>The bytes of a version's <c>model.onnx</c>, checked against the hash in its configuration.</summary>
    /// <exception cref="InvalidDataException">They are not what was published.</exception>
    public async Task<byte[]> ReadOnnxAsync(ModelConfig config, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        var path = ModelBlobs.Onnx(config.Name, config.Version);
        var blob = _models.GetBlobClient(path);
        var properties = (await blob.GetPropertiesAsync(cancellationToken: cancellation).ConfigureAwait(false)).Value;
        if (properties.ContentLength != config.Bytes)
        {
            throw new InvalidDataException($"{path} has {properties.ContentLength} bytes, its configuration says {config.Bytes}.");
        }

        var onnx = GC.AllocateUninitializedArray<byte>(checked((int)config.Bytes));
        using (var target = new MemoryStream(onnx))
        {
            await blob.DownloadToAsync(target, cancellation).ConfigureAwait(false);
        }

        var hash = Hash(onnx);
        return hash == config.Sha256 ? onnx : throw new InvalidDataException($"{path} has SHA-256 {hash}, its configuration says {config.Sha256}.");
    }

    /// <summary>Reserves the next version number of a model for a job, or finds the one it has already.</summary>
    /// <exception cref="InvalidOperationException">The model has <see cref="ModelBlobs.MaximumVersion"/> versions.</exception>
    public async Task<int> ClaimVersionAsync(string model, string job, CancellationToken cancellation = default)
    {
        EntityName.Validate(model, "model");
        while (true)
        {
            var newest = 0;
            await foreach (var blob in _models.GetBlobsAsync(BlobTraits.Metadata, prefix: ModelBlobs.Versions(model), cancellationToken: cancellation).ConfigureAwait(false))
            {
                // A version that somebody put there has no claim, and keeps its number all the same.
                if (!ModelBlobs.TryParseVersionFile(blob.Name, out _, out var version, out var file))
                {
                    continue;
                }

                if (file == ModelBlobs.ClaimFile && blob.Metadata.TryGetValue(JobMetadata, out var owner) && owner == job)
                {
                    return version;
                }

                newest = Math.Max(newest, version);
            }

            if (newest == ModelBlobs.MaximumVersion)
            {
                throw new InvalidOperationException($"The model '{model}' has {newest} versions, which is the most there can be.");
            }

            // Whoever loses this race lists again: the winner may have been this very job, run twice.
            var claim = new BlobUploadOptions { Metadata = new Dictionary<string, string> { [JobMetadata] = job } };
            if (await TryUploadAsync(ModelBlobs.Claim(model, newest + 1), ReadOnlyMemory<byte>.Empty, claim, BlobAnswers.OnlyIfAbsent, cancellation).ConfigureAwait(false))
            {
                return newest + 1;
            }
        }
    }

    /// <summary>
    /// Keeps the first model that is written under a version number: what is measured while a model is optimised differs from attempt to attempt, and all of them must end with
    /// the same version.
    /// </summary>
    /// <param name="model">The model's name.</param>
    /// <param name="version">The claimed version number.</param>
    /// <param name="onnx">The bytes to write if nobody has written any.</param>
    /// <param name="isWhole">Whether bytes that are there already are a model to go on with; others are replaced.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>The bytes that are there to stay.</returns>
    public async Task<byte[]> KeepFirstOnnxAsync(string model, int version, byte[] onnx, Func<byte[], bool> isWhole, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        ArgumentNullException.ThrowIfNull(isWhole);
        var path = ModelBlobs.Onnx(model, version);
        BlobRequestConditions condition = BlobAnswers.OnlyIfAbsent;
        while (true)
        {
            if (await TryUploadAsync(path, onnx, OnnxOptions(Hash(onnx)), condition, cancellation).ConfigureAwait(false))
            {
                return onnx;
            }

            var first = await _models.TryReadAsync(path, cancellation).ConfigureAwait(false);
            if (first is not null && first.Content.ToArray() is var bytes && isWhole(bytes))
            {
                return bytes;
            }

            condition = first is null ? BlobAnswers.OnlyIfAbsent : new BlobRequestConditions { IfMatch = first.Details.ETag };
        }
    }

    /// <summary>The report about the forms of a version, or null where there is none.</summary>
    /// <exception cref="InvalidDataException">It is not a report.</exception>
    public Task<OptimizationReport?> TryGetReportAsync(string model, int version, CancellationToken cancellation = default) =>
        TryReadAsync(ModelBlobs.Report(model, version), ModelJson.Default.OptimizationReport, cancellation);

    /// <summary>
    /// Writes a version's files, the configuration last. A complete version stays as it is; what an attempt without a configuration left behind, and nobody reads, is replaced.
    /// </summary>
    /// <param name="config">The configuration, under the claimed version number.</param>
    /// <param name="files">The other files.</param>
    /// <param name="cancellation">Ends the writing; what was written stays.</param>
    public async Task WriteAsync(ModelConfig config, ModelFiles files, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(files);
        var (name, version) = (config.Name, config.Version);
        if (await _models.GetBlobClient(ModelBlobs.Config(name, version)).ExistsAsync(cancellation).ConfigureAwait(false))
        {
            return;
        }

        if (!await IsOnnxAsync(name, version, config.Sha256, cancellation).ConfigureAwait(false))
        {
            await _models.GetBlobClient(ModelBlobs.Onnx(name, version)).UploadAsync(BinaryData.FromBytes(files.Onnx), OnnxOptions(config.Sha256), cancellation).ConfigureAwait(false);
        }

        await ReplaceAsync(ModelBlobs.Baseline(name, version), files.Baseline, Json, cancellation).ConfigureAwait(false);
        var metrics = JsonSerializer.SerializeToUtf8Bytes(files.Metrics, ModelJson.Default.ModelMetrics);
        await ReplaceAsync(ModelBlobs.Metrics(name, version), metrics, Json, cancellation).ConfigureAwait(false);
        if (files.Report is { } report)
        {
            await ReplaceAsync(ModelBlobs.Report(name, version), report.ToJson(), Json, cancellation).ConfigureAwait(false);
        }

        if (files.ReportTable is { } table)
        {
            await ReplaceAsync(ModelBlobs.ReportTable(name, version), Encoding.UTF8.GetBytes(table), Markdown, cancellation).ConfigureAwait(false);
        }

        var configuration = JsonSerializer.SerializeToUtf8Bytes(config, ModelJson.Default.ModelConfig);
        await TryUploadAsync(ModelBlobs.Config(name, version), configuration, Typed(Json), BlobAnswers.OnlyIfAbsent, cancellation).ConfigureAwait(false);
    }

    private async Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellation) =>
        await _models.GetBlobClient(path).UploadAsync(BinaryData.FromBytes(content), Typed(contentType), cancellation).ConfigureAwait(false);

    private static string Hash(byte[] onnx) => Convert.ToHexStringLower(SHA256.HashData(onnx));

    private static BlobUploadOptions Typed(string contentType) => new() { HttpHeaders = new BlobHttpHeaders { ContentType = contentType } };

    private static BlobUploadOptions OnnxOptions(string hash)
    {
        var options = Typed("application/octet-stream");
        options.Metadata = new Dictionary<string, string> { [HashMetadata] = hash };
        return options;
    }

    private async Task<bool> IsOnnxAsync(string model, int version, string hash, CancellationToken cancellation)
    {
        try
        {
            var properties = await _models.GetBlobClient(ModelBlobs.Onnx(model, version)).GetPropertiesAsync(cancellationToken: cancellation).ConfigureAwait(false);
            return properties.Value.Metadata.TryGetValue(HashMetadata, out var there) && there == hash;
        }
        catch (RequestFailedException e) when (e.IsAbsent())
        {
            return false;
        }
    }

    private async Task<bool> TryUploadAsync(
        string path, ReadOnlyMemory<byte> content, BlobUploadOptions options, BlobRequestConditions conditions, CancellationToken cancellation)
    {
        options.Conditions = conditions;
        try
        {
            await _models.GetBlobClient(path).UploadAsync(BinaryData.FromBytes(content), options, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.IsLost())
        {
            return false;
        }
    }

    private async Task<T?> TryReadAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await _models.TryReadAsync(path, cancellation).ConfigureAwait(false) is { } blob
                ? JsonSerializer.Deserialize(blob.Content.ToMemory().Span, type) ?? throw new InvalidDataException($"{path} is empty JSON.")
                : null;
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{path} cannot be read: {broken.Message}", broken);
        }
    }
}
