using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Core.Storage;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets;

/// <summary>The datasets in storage.</summary>
/// <param name="container">The datasets container.</param>
public sealed class DatasetStore(BlobContainerClient container)
{
    /// <summary>Bytes of parts a reader keeps when nothing else is said.</summary>
    public const long DefaultCacheBytes = 256L * 1024 * 1024;

    // A manifest has some 200 bytes a part: this is a dataset of a terabyte.
    private const long MaxManifestBytes = 64L * 1024 * 1024;

    // How many names an error message lists.
    private const int MaxListed = 20;

    /// <summary>The container the datasets are in.</summary>
    public BlobContainerClient Container => container;

    /// <summary>The current manifest of a split.</summary>
    /// <param name="name">The dataset.</param>
    /// <param name="split">One of <see cref="DatasetSplits"/>.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="ValidationException">There is no such dataset, or it lacks the split; the message (field <c>dataset</c>) names those there
    /// are.</exception>
    /// <exception cref="InvalidDataException">The manifest is damaged.</exception>
    public async Task<DatasetManifest> GetManifestAsync(string name, string split, CancellationToken cancellationToken = default) =>
        await TryGetManifestAsync(name, split, cancellationToken) ?? throw await NotFoundAsync(name, split, cancellationToken);

    /// <summary>A manifest by its hash: the one a job was planned with, also after another import under the same name.</summary>
    /// <param name="name">The dataset.</param>
    /// <param name="split">One of <see cref="DatasetSplits"/>.</param>
    /// <param name="sha256">Its <see cref="DatasetManifest.Sha256"/>.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="ValidationException">There is none.</exception>
    /// <exception cref="InvalidDataException">The manifest is damaged or another than asked for.</exception>
    public async Task<DatasetManifest> GetManifestAsync(string name, string split, string sha256, CancellationToken cancellationToken = default)
    {
        var manifest = await TryReadAsync(name, split, DatasetBlobs.PinnedManifest(name, split, sha256), cancellationToken)
            ?? throw new ValidationException("dataset", $"'{name}' has no {split} manifest with the hash {sha256}");
        return manifest.Sha256 == sha256
            ? manifest
            : throw new InvalidDataException($"The {split} manifest of dataset '{name}' has the hash {manifest.Sha256}; asked for was {sha256}.");
    }

    /// <summary>The current manifest of a split, or null when there is none.</summary>
    /// <exception cref="InvalidDataException">The manifest is damaged.</exception>
    public async Task<DatasetManifest?> TryGetManifestAsync(string name, string split, CancellationToken cancellationToken = default)
    {
        EntityName.Validate(name, "dataset");
        if (split != DatasetSplits.Test)
        {
            return await TryReadAsync(name, split, DatasetBlobs.Manifest(name, split), cancellationToken);
        }

        // Only what the train manifest names belongs to the dataset: so both splits are of one import whatever else is going on.
        var train = await TryReadAsync(name, DatasetSplits.Train, DatasetBlobs.Manifest(name, DatasetSplits.Train), cancellationToken);
        return train?.Test is { } test ? await GetManifestAsync(name, split, test.ManifestSha256, cancellationToken) : null;
    }

    /// <summary>Whether there is a dataset of this name.</summary>
    public async Task<bool> ExistsAsync(string name, CancellationToken cancellationToken = default) =>
        EntityName.IsValid(name) && (await container.GetBlobClient(DatasetBlobs.Manifest(name, DatasetSplits.Train)).ExistsAsync(cancellationToken)).Value;

    /// <summary>The train manifests of all datasets, in the order of their names.</summary>
    /// <exception cref="InvalidDataException">A manifest is damaged.</exception>
    public async IAsyncEnumerable<DatasetManifest> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var name in ListNamesAsync(cancellationToken))
        {
            if (await TryGetManifestAsync(name, DatasetSplits.Train, cancellationToken) is { } manifest)
            {
                yield return manifest;
            }
        }
    }

    /// <summary>A reader of a split's rows.</summary>
    /// <param name="manifest">The split.</param>
    /// <param name="cacheBytes">How many bytes of parts it may keep; parts in use and one being fetched are held in any case.</param>
    public DatasetReader OpenReader(DatasetManifest manifest, long cacheBytes = DefaultCacheBytes) => new(container, manifest, cacheBytes);

    /// <summary>The statistics of a train split's rows.</summary>
    /// <exception cref="InvalidDataException">They are damaged, missing, or the manifest names none.</exception>
    public async Task<BaselineStatistics> GetBaselineAsync(DatasetManifest manifest, CancellationToken cancellationToken = default)
    {
        if (manifest.Baseline is not { } blob)
        {
            throw new InvalidDataException($"The {manifest.Split} split of dataset '{manifest.Name}' has no statistics.");
        }

        var content = await TryDownloadAsync(DatasetBlobs.Beside(manifest, blob), cancellationToken)
            ?? throw new InvalidDataException($"The statistics '{blob}' of dataset '{manifest.Name}' are missing.");
        return BaselineStatistics.Parse(content.ToMemory().Span);
    }

    private async Task<DatasetManifest?> TryReadAsync(string name, string split, string blob, CancellationToken cancellationToken)
    {
        EntityName.Validate(name, "dataset");
        if (await TryDownloadAsync(blob, cancellationToken) is not { } content)
        {
            return null;
        }

        var manifest = DatasetManifest.Parse(content.ToMemory().Span);
        return manifest.Name == name && manifest.Split == split
            ? manifest
            : throw new InvalidDataException($"Blob '{blob}' holds the manifest of '{manifest.Name}/{manifest.Split}'.");
    }

    private async Task<BinaryData?> TryDownloadAsync(string blob, CancellationToken cancellationToken)
    {
        try
        {
            using BlobDownloadStreamingResult download = await container.GetBlobClient(blob).DownloadStreamingAsync(cancellationToken: cancellationToken);
            var length = download.Details.ContentLength;
            if (length > MaxManifestBytes)
            {
                throw new InvalidDataException($"Blob '{blob}' has {length} bytes; at most {MaxManifestBytes} are allowed.");
            }

            return await BinaryData.FromStreamAsync(download.Content, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    private async IAsyncEnumerable<string> ListNamesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in container.GetBlobsByHierarchyAsync(delimiter: "/", cancellationToken: cancellationToken))
        {
            if (item.IsPrefix && EntityName.IsValid(item.Prefix.TrimEnd('/')))
            {
                yield return item.Prefix.TrimEnd('/');
            }
        }
    }

    private async Task<ValidationException> NotFoundAsync(string name, string split, CancellationToken cancellationToken)
    {
        if (split != DatasetSplits.Train && await ExistsAsync(name, cancellationToken))
        {
            return new ValidationException("dataset", $"'{name}' has no {split} split");
        }

        var names = new List<string>();
        await foreach (var known in ListNamesAsync(cancellationToken))
        {
            names.Add(known);
        }

        var there = names.Count == 0 ? "there are none yet" : $"there are {string.Join(", ", names.Take(MaxListed))}{(names.Count > MaxListed ? ", …" : "")}";
        return new ValidationException("dataset", $"'{name}' does not exist{Suggestion.Hint(name, names)}; {there}");
    }
}
