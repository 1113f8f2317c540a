using System.Security.Cryptography;
using Azure.Storage.Blobs;

namespace Serverless.Core.Datasets.Import;

/// <summary>Fills parts with rows and writes them to storage, a few at a time. Parts that are there already, from an import of the same rows, are left as
/// they are.</summary>
/// <param name="container">The datasets container.</param>
/// <param name="prefix">Folder of the split.</param>
/// <param name="rowBytes">Bytes of a row.</param>
/// <param name="partRows">Rows of a part.</param>
/// <param name="journal">Notes what was created, to be taken back if the import fails.</param>
internal sealed class PartWriter(BlobContainerClient container, string prefix, int rowBytes, int partRows, ImportJournal journal)
{
    // Enough to keep hashing and the network busy at the same time.
    private const int MaxUploads = 4;

    private readonly List<PartInfo> _parts = [];
    private readonly Queue<(Task Upload, byte[] Buffer)> _uploads = new();
    private readonly Stack<byte[]> _free = new();
    private byte[] _buffer = new byte[partRows * rowBytes];
    private int _rows;

    /// <summary>Memory for the next row.</summary>
    public Span<byte> NextRow() => _buffer.AsSpan(_rows * rowBytes, rowBytes);

    /// <summary>Whether <see cref="Advance"/> filled the part: <see cref="FlushAsync"/> is due.</summary>
    public bool IsFull => _rows == partRows;

    /// <summary>The row in <see cref="NextRow"/> is written.</summary>
    public void Advance() => _rows++;

    /// <summary>Starts writing the part to storage.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var content = _buffer.AsMemory(0, _rows * rowBytes);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        var part = new PartInfo { Name = DatasetManifestRules.PartName(_parts.Count, sha256), Rows = _rows, Bytes = content.Length, Sha256 = sha256 };
        _parts.Add(part);
        _uploads.Enqueue((UploadAsync(part.Name, content), _buffer));
        if (_uploads.Count > MaxUploads)
        {
            await SettleAsync();
        }

        _buffer = _free.TryPop(out var buffer) ? buffer : new byte[partRows * rowBytes];
        _rows = 0;
    }

    /// <summary>Writes what is left.</summary>
    /// <returns>All parts.</returns>
    public async Task<IReadOnlyList<PartInfo>> CompleteAsync(CancellationToken cancellationToken)
    {
        if (_rows > 0)
        {
            await FlushAsync(cancellationToken);
        }

        while (_uploads.Count > 0)
        {
            await SettleAsync();
        }

        return _parts;
    }

    /// <summary>Waits until nothing is being written any more, however it ended.</summary>
    public async Task DrainAsync()
    {
        while (_uploads.TryDequeue(out var upload))
        {
            await upload.Upload.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SettleAsync()
    {
        var (upload, buffer) = _uploads.Dequeue();
        await upload;
        _free.Push(buffer);
    }

    private Task UploadAsync(string name, ReadOnlyMemory<byte> content) =>
        journal.CreateAsync(container.GetBlobClient($"{prefix}/{name}"), BinaryData.FromBytes(content), "application/octet-stream");
}
