using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Serverless.Core.Storage;

/// <summary>Small blobs and the answers that are no errors: not there, there already, changed meanwhile.</summary>
internal static class BlobAnswers
{
    /// <summary>A condition that lets only the first writer through.</summary>
    public static BlobRequestConditions OnlyIfAbsent { get; } = new() { IfNoneMatch = ETag.All };

    /// <summary>Whether the blob asked for is not there.</summary>
    public static bool IsAbsent(this RequestFailedException e) => e.Status == 404;

    /// <summary>Whether a condition did not hold: somebody else wrote first. Azure says 409 or 412, by the kind of condition.</summary>
    public static bool IsLost(this RequestFailedException e) => e.Status is 412 || (e.Status is 409 && e.ErrorCode == BlobErrorCode.BlobAlreadyExists);

    /// <summary>Creates a small blob; false when it is there already.</summary>
    public static async Task<bool> TryCreateAsync(this BlobContainerClient container, string path, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        await container.TryCreateTaggedAsync(path, content, cancellation) is not null;

    /// <summary>Creates a small blob; its tag, or null when it is there already.</summary>
    public static async Task<ETag?> TryCreateTaggedAsync(this BlobContainerClient container, string path, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        try
        {
            var options = new BlobUploadOptions { Conditions = OnlyIfAbsent };
            var answer = await container.GetBlobClient(path).UploadAsync(new BinaryData(content), options, cancellation);
            return answer.Value.ETag;
        }
        catch (RequestFailedException e) when (e.IsLost())
        {
            return null;
        }
    }

    /// <summary>Replaces a small blob; the new tag, or null when it was changed or deleted meanwhile.</summary>
    public static async Task<ETag?> TryReplaceAsync(this BlobContainerClient container, string path, ReadOnlyMemory<byte> content, ETag tag, CancellationToken cancellation)
    {
        try
        {
            var options = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfMatch = tag } };
            var answer = await container.GetBlobClient(path).UploadAsync(new BinaryData(content), options, cancellation);
            return answer.Value.ETag;
        }
        catch (RequestFailedException e) when (e.IsLost() || e.IsAbsent())
        {
            return null;
        }
    }

    /// <summary>Reads a small blob; null when there is none.</summary>
    public static async Task<BlobDownloadResult?> TryReadAsync(this BlobContainerClient container, string path, CancellationToken cancellation)
    {
        try
        {
            return await container.GetBlobClient(path).DownloadContentAsync(cancellation);
        }
        catch (RequestFailedException e) when (e.IsAbsent())
        {
            return null;
        }
    }
}
