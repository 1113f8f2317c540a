using System.Runtime.CompilerServices;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>Rows of equal size in a temporary file, which vanishes when closed (or when the process dies).</summary>
internal sealed class SpoolFile : IDisposable
{
    private const int BufferBytes = 1 << 18;

    private readonly FileStream _file;

    /// <exception cref="ValidationException">The folder does not take the file.</exception>
    public SpoolFile(string folder, int rowBytes)
    {
        RowBytes = rowBytes;
        Folder = folder;
        try
        {
            var path = Path.Combine(folder, $"serverless-import-{Guid.NewGuid():N}.tmp");
            _file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferBytes, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotHold(exception);
        }
    }

    /// <summary>The folder the file is in.</summary>
    public string Folder { get; }

    /// <summary>Bytes of a row.</summary>
    public int RowBytes { get; }

    /// <summary>Rows written.</summary>
    public long Rows { get; private set; }

    /// <summary>Bytes written.</summary>
    public long Bytes => Rows * RowBytes;

    /// <summary>Appends a row.</summary>
    /// <exception cref="ValidationException">The folder has no room for it.</exception>
    public void Write(ReadOnlySpan<byte> row)
    {
        try
        {
            _file.Write(row);
            Rows++;
        }
        catch (IOException exception)
        {
            throw CannotHold(exception);
        }
    }

    /// <summary>All rows in the order they were written; each is valid until the next one.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _file.Position = 0;
        var blockRows = Math.Max(1, BufferBytes / RowBytes);
        var block = new byte[blockRows * RowBytes];
        for (var left = Rows; left > 0;)
        {
            var rows = (int)Math.Min(left, blockRows);
            await _file.ReadExactlyAsync(block.AsMemory(0, rows * RowBytes), cancellationToken);
            for (var row = 0; row < rows; row++)
            {
                yield return block.AsMemory(row * RowBytes, RowBytes);
            }

            left -= rows;
        }
    }

    /// <summary>All rows at once.</summary>
    public async Task<byte[]> LoadAsync(CancellationToken cancellationToken)
    {
        _file.Position = 0;
        var rows = GC.AllocateUninitializedArray<byte>(checked((int)Bytes));
        await _file.ReadExactlyAsync(rows, cancellationToken);
        return rows;
    }

    public void Dispose() => _file.Dispose();

    private ValidationException CannotHold(Exception exception) => new("temporaryFolder", $"'{Folder}' cannot hold the rows while they are put in "
        + $"order: {exception.Message}");
}
