using System.Globalization;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.Core.Storage;
using Serverless.Core.Tensors;

namespace Serverless.Core.Rounds;

/// <summary>Writes and reads blobs of flat float tensors: one request each, straight from and into the callers' memory.</summary>
internal sealed class TensorBlobs(BlobContainerClient container)
{
    // What this system writes has headers of a few hundred bytes.
    private const int LargestHeader = 64 * 1024;

    // Always one Put Blob: a condition then holds for the whole blob, and the data is sent as it lies in memory.
    private static readonly StorageTransferOptions OneRequest = new() { InitialTransferSize = 5000L << 20, MaximumTransferSize = 4000L << 20, MaximumConcurrency = 1 };

    /// <summary>Creates a blob; false when it is there already.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="tensors">What it holds. The memory must not change before the task ends.</param>
    /// <param name="metadata">Part of the content.</param>
    /// <param name="facts">Beside the content: blob metadata, shown in listings.</param>
    /// <param name="cancellation">Stops the upload.</param>
    public async Task<bool> TryWriteAsync(
        string path,
        IReadOnlyList<SafetensorsTensor> tensors,
        IReadOnlyDictionary<string, string> metadata,
        IDictionary<string, string>? facts,
        CancellationToken cancellation)
    {
        await using var content = SafetensorsWriter.OpenRead(tensors, metadata);
        var options = new BlobUploadOptions { Conditions = BlobAnswers.OnlyIfAbsent, Metadata = facts, TransferOptions = OneRequest };
        try
        {
            await container.GetBlockBlobClient(path).UploadAsync(content, options, cancellation);
            return true;
        }
        catch (RequestFailedException e) when (e.IsLost())
        {
            return false;
        }
    }

    /// <summary>Reads a blob from its beginning; gives what storage says about it, or null when there is none.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="bytes">How many bytes to ask for; null for all.</param>
    /// <param name="read">Takes what it needs from the reader; gets the length of the whole blob too.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <exception cref="InvalidDataException">The blob is not what it should be; the message names it.</exception>
    public async Task<BlobDownloadDetails?> TryReadAsync(string path, long? bytes, Func<SafetensorsReader, long, Task> read, CancellationToken cancellation)
    {
        if (await OpenAsync(path, bytes is null ? default : new HttpRange(0, bytes), cancellation) is not { } download)
        {
            return null;
        }

        using (download)
        {
            var length = TotalLength(download.Details);
            await NamingAsync(path, async () =>
            {
                var reader = await SafetensorsReader.OpenAsync(download.Content, length, LargestHeader, cancellation);
                await read(reader, length);
            });
            return download.Details;
        }
    }

    /// <summary>Reads raw floats from somewhere inside a blob; false when there is no such blob.</summary>
    /// <exception cref="InvalidDataException">The blob ends too early.</exception>
    public async Task<bool> TryReadFloatsAsync(string path, long offset, IReadOnlyList<float[]> into, CancellationToken cancellation)
    {
        if (await OpenAsync(path, new HttpRange(offset), cancellation) is not { } download)
        {
            return false;
        }

        using (download)
        {
            await NamingAsync(path, async () =>
            {
                foreach (var floats in into)
                {
                    await FillAsync(download.Content, floats, cancellation);
                }
            });
            return true;
        }
    }

    private static async Task FillAsync(Stream stream, Memory<float> floats, CancellationToken cancellation)
    {
        while (!floats.IsEmpty)
        {
            var piece = FloatBytes.Of(floats[..Math.Min(floats.Length, FloatBytes.MaxFloats)]);
            var read = await stream.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellation);
            if (read < piece.Length)
            {
                throw new InvalidDataException($"it ends {read} bytes into a tensor of {piece.Length} bytes");
            }

            floats = floats[(piece.Length / sizeof(float))..];
        }
    }

    private static async Task NamingAsync(string path, Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"The blob '{path}' does not fit its job: {e.Message}", e);
        }
    }

    private static long TotalLength(BlobDownloadDetails details)
    {
        // "bytes 0-1023/4096" when a range was asked for.
        var range = details.ContentRange.AsSpan();
        var slash = range.LastIndexOf('/');
        return slash >= 0 && long.TryParse(range[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var total) ? total : details.ContentLength;
    }

    private async Task<BlobDownloadStreamingResult?> OpenAsync(string path, HttpRange range, CancellationToken cancellation)
    {
        try
        {
            return await container.GetBlobClient(path).DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancellation);
        }
        catch (RequestFailedException e) when (e.IsAbsent())
        {
            return null;
        }
    }
}
