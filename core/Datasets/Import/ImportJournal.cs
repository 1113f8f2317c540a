using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Serverless.Core.Datasets.Import;

/// <summary>Creates an import's blobs and takes back those it created if it fails. Blobs are named by their content: one that is there is the one to be
/// created.</summary>
internal sealed class ImportJournal
{
    private readonly ConcurrentBag<BlobClient> _created = [];

    /// <summary>Creates a blob unless it is there. Once begun it is not to be cancelled: whether the blob was created would not be known.</summary>
    public async Task CreateAsync(BlobClient blob, BinaryData content, string contentType)
    {
        var options = new BlobUploadOptions
        {
            Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
            HttpHeaders = new BlobHttpHeaders { ContentType = contentType },
        };
        try
        {
            await blob.UploadAsync(content, options, CancellationToken.None);
            _created.Add(blob);
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 412)
        {
            // Written by an import of the same rows.
        }
    }

    /// <summary>Deletes what was created, except what the dataset as it is now is made of.</summary>
    public async Task RollBackAsync(IReadOnlySet<string> inUse)
    {
        // Not to be cancelled: this is what a cancelled import ends with.
        var ours = _created.Where(blob => !inUse.Contains(blob.Name));
        await Parallel.ForEachAsync(ours, CancellationToken.None, async (blob, token) => await blob.DeleteIfExistsAsync(cancellationToken: token));
    }
}
