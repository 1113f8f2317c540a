namespace Serverless.Core.Datasets;

/// <summary>Reads a range of a split's rows in their order, batch by batch, as an evaluation does. Not safe for concurrent use.</summary>
public sealed class SliceReader : IDisposable
{
    private readonly DatasetReader _reader;
    private readonly RowDecoder _decoder;
    private readonly long _firstRow;
    private PartLease? _part;

    /// <summary>Reads a contiguous range of rows.</summary>
    /// <param name="reader">The split; stays the caller's to dispose.</param>
    /// <param name="firstRow">The first row.</param>
    /// <param name="rows">How many; may be none.</param>
    /// <param name="batchSize">Rows of every batch but the last, which may have fewer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The split has no such rows.</exception>
    public SliceReader(DatasetReader reader, long firstRow, long rows, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstRow, reader.Manifest.Rows - rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        (_reader, _decoder, _firstRow) = (reader, new RowDecoder(reader.Manifest), firstRow);
        (Rows, BatchSize) = (rows, batchSize);
    }

    /// <summary>Rows of the range.</summary>
    public long Rows { get; }

    /// <summary>Rows of every batch but the last.</summary>
    public int BatchSize { get; }

    /// <summary>Number of batches.</summary>
    public long Batches => (Rows + BatchSize - 1) / BatchSize;

    /// <summary>Reads a batch. Completes at once, and allocates nothing, unless a part is still on its way.</summary>
    /// <param name="index">Number of the batch, from 0 to <see cref="Batches"/> - 1.</param>
    /// <param name="batch">Memory for at least <see cref="BatchSize"/> rows.</param>
    /// <param name="cancellationToken">Stops waiting for a part.</param>
    /// <returns>The number of rows written.</returns>
    /// <exception cref="InvalidDataException">A part is missing or damaged.</exception>
    public ValueTask<int> ReadBatchAsync(long index, BatchTarget batch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Batches);
        var count = (int)Math.Min(BatchSize, Rows - (index * BatchSize));
        _decoder.Check(batch, count);
        var first = _firstRow + (index * BatchSize);
        var done = 0;
        return TryRead(first, count, batch, ref done) ? new ValueTask<int>(count) : EnterAndReadAsync(first, count, batch, done, cancellationToken);
    }

    /// <summary>Gives back the part being read.</summary>
    public void Dispose() => _part?.Dispose();

    private int PartOf(long row) => (int)(row / _reader.Manifest.PartRows);

    /// <summary>Reads while the rows are in the part at hand.</summary>
    /// <returns>False when another part has to be entered.</returns>
    private bool TryRead(long first, int count, BatchTarget batch, ref int done)
    {
        while (done < count)
        {
            var part = PartOf(first + done);
            if (_part is null || _part.Index != part)
            {
                return false;
            }

            var begin = (int)(first + done - _reader.Manifest.FirstRow(part));
            var rows = Math.Min(count - done, _reader.Manifest.Parts[part].Rows - begin);
            Decode(batch, done, begin, rows);
            done += rows;
        }

        return true;
    }

    private async ValueTask<int> EnterAndReadAsync(long first, int count, BatchTarget batch, int done, CancellationToken cancellationToken)
    {
        do
        {
            await EnterAsync(PartOf(first + done), cancellationToken);
        }
        while (!TryRead(first, count, batch, ref done));
        return count;
    }

    private async ValueTask EnterAsync(int part, CancellationToken cancellationToken)
    {
        _part?.Dispose();
        _part = null;
        _part = await _reader.GetPartAsync(part, cancellationToken);
        if (_reader.Manifest.FirstRow(part + 1) < _firstRow + Rows)
        {
            _reader.Prefetch(part + 1);
        }
    }

    private void Decode(BatchTarget batch, int batchRow, int first, int count)
    {
        var part = _part!.Rows.Span;
        for (var row = first; row < first + count; row++)
        {
            _decoder.Decode(part, row, batch, batchRow++);
        }
    }
}
