using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>
/// Makes an import the dataset of its name, at one stroke: everything is written under names that follow from its content, and then the current manifest of
/// the train split is
/// created, or replaced if nobody else did so since it was looked at.
/// </summary>
internal sealed class ImportCommit(DatasetStore store, ImportOptions options, ImportJournal journal)
{
    private const string Json = "application/json";

    /// <exception cref="ValidationException">The name is taken by a dataset with other content.</exception>
    public async Task<ImportResult> CommitAsync(DatasetManifest train, DatasetManifest? test, BaselineStatistics baseline, CancellationToken cancellationToken)
    {
        var baselineJson = baseline.ToJson();
        train = train with
        {
            Baseline = $"baseline-{Convert.ToHexStringLower(SHA256.HashData(baselineJson)).AsSpan(0, 16)}.json",
            Test = test is null ? null : new SplitReference { Rows = test.Rows, ManifestSha256 = test.Sha256 },
        };
        train.Validate();
        test?.Validate();

        var current = await ReadCurrentAsync(cancellationToken);
        if (current is { } there && there.Manifest.Sha256 != train.Sha256 && !options.Overwrite)
        {
            throw Taken();
        }

        cancellationToken.ThrowIfCancellationRequested();
        await CreateAsync(DatasetBlobs.Beside(train, train.Baseline), baselineJson);
        if (test is not null)
        {
            await CreateAsync(DatasetBlobs.PinnedManifest(options.Name, test.Split, test.Sha256), test.ToJson());
        }

        await CreateAsync(DatasetBlobs.PinnedManifest(options.Name, train.Split, train.Sha256), train.ToJson());
        if (current is { } same && same.Manifest.Sha256 == train.Sha256)
        {
            return new ImportResult(ImportOutcome.Unchanged, train, test, baseline);
        }

        await CheckPartsAsync(train, cancellationToken);
        if (test is not null)
        {
            await CheckPartsAsync(test, cancellationToken);
            await store.Container.GetBlobClient(DatasetBlobs.Manifest(options.Name, test.Split))
                .UploadAsync(BinaryData.FromBytes(test.ToJson()), Upload(null), cancellationToken);
        }

        return await ReplaceAsync(train, current?.ETag, cancellationToken)
            ? new ImportResult(current is null ? ImportOutcome.Created : ImportOutcome.Replaced, train, test, baseline)
            : new ImportResult(ImportOutcome.Unchanged, train, test, baseline);
    }

    /// <summary>Deletes what a failed import wrote, as far as storage can be reached.</summary>
    public async Task RollBackAsync()
    {
        try
        {
            await journal.RollBackAsync(await InUseAsync());
        }
        catch (RequestFailedException)
        {
            // Why the import failed is what the user has to know; parts that stay behind are named by no manifest, and the next import of the same rows takes
            // them over.
        }
    }

    private static BlobUploadOptions Upload(BlobRequestConditions? conditions) =>
        new() { Conditions = conditions, HttpHeaders = new BlobHttpHeaders { ContentType = Json } };

    /// <summary>The blobs the dataset as it is now is made of: another import of the same rows may have succeeded meanwhile.</summary>
    private async Task<HashSet<string>> InUseAsync()
    {
        var inUse = new HashSet<string>(StringComparer.Ordinal);
        foreach (var split in new[] { DatasetSplits.Train, DatasetSplits.Test })
        {
            if (await store.TryGetManifestAsync(options.Name, split, CancellationToken.None) is { } manifest)
            {
                inUse.UnionWith(manifest.Parts.Select(part => DatasetBlobs.Beside(manifest, part.Name)));
                inUse.Add(DatasetBlobs.PinnedManifest(manifest.Name, split, manifest.Sha256));
                inUse.Add(DatasetBlobs.Beside(manifest, manifest.Baseline ?? ""));
            }
        }

        return inUse;
    }

    private Task CreateAsync(string blob, byte[] content) => journal.CreateAsync(store.Container.GetBlobClient(blob), BinaryData.FromBytes(content), Json);

    private async Task<(DatasetManifest Manifest, ETag ETag)?> ReadCurrentAsync(CancellationToken cancellationToken)
    {
        try
        {
            var blob = store.Container.GetBlobClient(DatasetBlobs.Manifest(options.Name, DatasetSplits.Train));
            BlobDownloadResult download = await blob.DownloadContentAsync(cancellationToken);
            return (DatasetManifest.Parse(download.Content.ToMemory().Span), download.Details.ETag);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Writes the current manifest of the train split.</summary>
    /// <returns>False when another import wrote the same one first.</returns>
    private async Task<bool> ReplaceAsync(DatasetManifest train, ETag? current, CancellationToken cancellationToken)
    {
        var conditions = current is { } etag ? new BlobRequestConditions { IfMatch = etag } : new BlobRequestConditions { IfNoneMatch = ETag.All };
        try
        {
            await store.Container.GetBlobClient(DatasetBlobs.Manifest(options.Name, DatasetSplits.Train))
                .UploadAsync(BinaryData.FromBytes(train.ToJson()), Upload(conditions), cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 412)
        {
            return await ReadCurrentAsync(cancellationToken) is { } winner && winner.Manifest.Sha256 == train.Sha256 ? false : throw Taken();
        }
    }

    // A part may have been found in place that belonged to another import, which failed and took it back.
    private async Task CheckPartsAsync(DatasetManifest manifest, CancellationToken cancellationToken)
    {
        var missing = manifest.Parts.Select(part => DatasetBlobs.Beside(manifest, part.Name)).ToHashSet(StringComparer.Ordinal);
        await foreach (var blob in store.Container.GetBlobsAsync(prefix: DatasetBlobs.Beside(manifest, "part-"), cancellationToken: cancellationToken))
        {
            missing.Remove(blob.Name);
        }

        if (missing.Count > 0)
        {
            throw new IOException($"Another import of '{manifest.Name}' that failed at the same time took back {missing.Count} parts; run the import again.");
        }
    }

    private ValidationException Taken() =>
        new("name", $"'{options.Name}' is a dataset with other content; choose another name, or ask to overwrite it (jobs that run on it go on with "
            + $"what they were planned with)");
}
