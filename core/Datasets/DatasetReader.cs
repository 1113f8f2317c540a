using System.Buffers.Binary;
using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Serverless.Core.Datasets;

/// <summary>
/// Reads a split's rows. Whole parts are verified against their hash before anyone sees them and kept within a budget; ranges of rows come straight from
/// storage.
/// Safe for concurrent use: the shards of one trainer share a reader.
/// </summary>
public sealed class DatasetReader : IDisposable
{
    private readonly BlobContainerClient _container;
    private readonly PartCache _cache;

    internal DatasetReader(BlobContainerClient container, DatasetManifest manifest, long cacheBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cacheBytes);
        _container = container;
        Manifest = manifest;
        _cache = new PartCache(manifest.Parts.Max(part => part.Bytes), cacheBytes, LoadAsync);
    }

    /// <summary>The split.</summary>
    public DatasetManifest Manifest { get; }

    /// <summary>Bytes of memory taken by parts, in use or not.</summary>
    public long AllocatedBytes => _cache.AllocatedBytes;

    /// <summary>Parts fetched from storage so far.</summary>
    public long PartsLoaded => _cache.Loads;

    /// <summary>A part's bytes; completes at once when the part is in memory.</summary>
    /// <exception cref="InvalidDataException">The part is missing, truncated, has another hash than the manifest says, or holds labels that are no
    /// classes.</exception>
    public ValueTask<PartLease> GetPartAsync(int part, CancellationToken cancellationToken = default) =>
        _cache.GetAsync(part, Manifest.Parts[part].Bytes, cancellationToken);

    /// <summary>Starts fetching a part that will be asked for later. What goes wrong is reported to whoever asks then.</summary>
    public void Prefetch(int part) => _cache.Prefetch(part, Manifest.Parts[part].Bytes);

    /// <summary>Reads rows by byte range, without hash check and cache: for a look at a few rows.</summary>
    /// <param name="firstRow">The first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="destination">At least <paramref name="count"/> times the manifest's bytes a row.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ArgumentOutOfRangeException">The split has no such rows, or the destination is too short.</exception>
    /// <exception cref="InvalidDataException">A part is missing or truncated.</exception>
    public async Task ReadRowsAsync(long firstRow, int count, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstRow, Manifest.Rows - count);
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, (long)count * Manifest.RowBytes, nameof(destination));
        while (count > 0)
        {
            var part = (int)(firstRow / Manifest.PartRows);
            var begin = (int)(firstRow % Manifest.PartRows);
            var rows = Math.Min(count, Manifest.Parts[part].Rows - begin);
            var bytes = rows * Manifest.RowBytes;
            await DownloadAsync(part, new HttpRange((long)begin * Manifest.RowBytes, bytes), destination[..bytes], cancellationToken);
            (firstRow, count, destination) = (firstRow + rows, count - rows, destination[bytes..]);
        }
    }

    /// <summary>Stops what is being fetched.</summary>
    public void Dispose() => _cache.Dispose();

    private async Task LoadAsync(int part, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await DownloadAsync(part, default, buffer, cancellationToken);
        var actual = Convert.ToHexStringLower(SHA256.HashData(buffer.Span));
        if (actual != Manifest.Parts[part].Sha256)
        {
            throw new InvalidDataException($"Part '{BlobName(part)}' is damaged: its SHA-256 is {actual}, the manifest says {Manifest.Parts[part].Sha256}.");
        }

        CheckClasses(part, buffer.Span);
    }

    // A label that is no class would end in a crash of the engine, far from here.
    private void CheckClasses(int part, ReadOnlySpan<byte> rows)
    {
        if (Manifest.Label.Kind != LabelKind.Class)
        {
            return;
        }

        var classes = Manifest.Label.Classes.Count;
        for (var offset = Manifest.Features.Bytes; offset < rows.Length; offset += Manifest.RowBytes)
        {
            var label = BinaryPrimitives.ReadInt32LittleEndian(rows[offset..]);
            if ((uint)label >= (uint)classes)
            {
                throw new InvalidDataException($"Row {offset / Manifest.RowBytes} of part '{BlobName(part)}' has the class {label}; "
                    + $"legal are 0 to {classes - 1}.");
            }
        }
    }

    private async Task DownloadAsync(int part, HttpRange range, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var blob = BlobName(part);
        try
        {
            using BlobDownloadStreamingResult download = await _container.GetBlobClient(blob)
                .DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancellationToken);
            var length = download.Details.ContentLength;
            var read = length == destination.Length
                ? await download.Content.ReadAtLeastAsync(destination, destination.Length, throwOnEndOfStream: false, cancellationToken)
                : length;
            if (read != destination.Length)
            {
                throw new InvalidDataException($"Part '{blob}' is damaged: it gives {read} bytes where the manifest says {destination.Length}.");
            }
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 416)
        {
            var what = exception.Status == 404 ? "missing" : $"damaged: it ends before byte {range.Offset}";
            throw new InvalidDataException($"Part '{blob}' is {what}.", exception);
        }
    }

    private string BlobName(int part) => DatasetBlobs.Beside(Manifest, Manifest.Parts[part].Name);
}
