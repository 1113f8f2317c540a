namespace Serverless.Core.Datasets;

/// <summary>
/// Gives a shard its batches. Which rows a step sees is a function of (seed, shard, step) alone: after a restart, or on another machine, the same step gives
/// the same
/// batch, and no earlier step has to be replayed. While one part is being read the next one is fetched. Not safe for concurrent use.
/// </summary>
public sealed class ShardSampler : IDisposable
{
    private readonly DatasetReader _reader;
    private readonly RowDecoder _decoder;
    private readonly ShardOrder _order;
    private readonly int[] _sliceRows;
    private readonly int[] _scratch;
    private PartLease? _part;
    private long _epoch = -1;
    private int _slice = -1;
    private int _sliceFirstRow;

    /// <summary>Samples a contiguous range of a split's rows.</summary>
    /// <param name="reader">The split; stays the caller's to dispose.</param>
    /// <param name="firstRow">First row of the shard.</param>
    /// <param name="rows">Rows of the shard.</param>
    /// <param name="batchSize">Most rows of a batch.</param>
    /// <param name="stepsPerEpoch">Batches of an epoch, the same for all shards of a job: the rows of its largest shard divided by <paramref
    /// name="batchSize"/>, rounded up.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="shard">Number of the shard.</param>
    /// <exception cref="ArgumentOutOfRangeException">The split has no such rows, or they do not fit into that many batches.</exception>
    public ShardSampler(DatasetReader reader, long firstRow, long rows, int batchSize, int stepsPerEpoch, long seed, int shard)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstRow, reader.Manifest.Rows - rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerEpoch, (rows + batchSize - 1) / batchSize);
        _reader = reader;
        _decoder = new RowDecoder(reader.Manifest);
        _order = new ShardOrder(firstRow, rows, reader.Manifest.PartRows, seed, shard);
        _sliceRows = new int[_order.MaxSliceRows];
        _scratch = new int[_order.Count];
        (Shard, Rows, BatchSize, StepsPerEpoch) = (shard, rows, batchSize, stepsPerEpoch);
    }

    /// <summary>Number of the shard.</summary>
    public int Shard { get; }

    /// <summary>Rows of the shard.</summary>
    public long Rows { get; }

    /// <summary>Most rows of a batch.</summary>
    public int BatchSize { get; }

    /// <summary>Batches of an epoch.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The epoch a step belongs to.</summary>
    public long Epoch(long step) => step / StepsPerEpoch;

    /// <summary>Rows of a step's batch: at most <see cref="BatchSize"/>, and none in some batches of a shard with fewer rows than the epoch has
    /// batches.</summary>
    public int BatchRows(long step)
    {
        var (begin, end) = Positions(step);
        return (int)(end - begin);
    }

    /// <summary>Reads a step's batch. Completes at once, and allocates nothing, unless a part is still on its way.</summary>
    /// <param name="step">Number of the step in the job, from 0.</param>
    /// <param name="batch">Memory for at least <see cref="BatchRows"/> rows.</param>
    /// <param name="cancellationToken">Stops waiting for a part.</param>
    /// <returns>The number of rows written.</returns>
    /// <exception cref="InvalidDataException">A part is missing or damaged.</exception>
    public ValueTask<int> ReadBatchAsync(long step, BatchTarget batch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var (begin, end) = Positions(step);
        _decoder.Check(batch, (int)(end - begin));
        var epoch = Epoch(step);
        _order.Enter(epoch);
        var position = begin;
        return TryRead(epoch, begin, end, batch, ref position)
            ? new ValueTask<int>((int)(end - begin))
            : EnterAndReadAsync(epoch, begin, end, batch, position, cancellationToken);
    }

    /// <summary>Gives back the part being read.</summary>
    public void Dispose() => _part?.Dispose();

    private (long Begin, long End) Positions(long step)
    {
        // 128 bits: batch times rows may not fit 64.
        var index = (Int128)(step % StepsPerEpoch);
        return ((long)(index * Rows / StepsPerEpoch), (long)((index + 1) * Rows / StepsPerEpoch));
    }

    /// <summary>Reads from a position on while the rows are in the slice at hand.</summary>
    /// <returns>False when another slice has to be entered.</returns>
    private bool TryRead(long epoch, long begin, long end, BatchTarget batch, ref long position)
    {
        while (position < end)
        {
            var slice = _order.Find(position);
            if (slice != _slice || epoch != _epoch)
            {
                return false;
            }

            var stop = Math.Min(end, _order.Start(slice + 1));
            Decode(batch, (int)(position - begin), (int)(position - _order.Start(slice)), (int)(stop - position));
            position = stop;
        }

        return true;
    }

    private async ValueTask<int> EnterAndReadAsync(long epoch, long begin, long end, BatchTarget batch, long position, CancellationToken cancellationToken)
    {
        do
        {
            await EnterAsync(epoch, _order.Find(position), cancellationToken);
        }
        while (!TryRead(epoch, begin, end, batch, ref position));
        return (int)(end - begin);
    }

    private async ValueTask EnterAsync(long epoch, int slice, CancellationToken cancellationToken)
    {
        var (part, firstRow, _) = _order.Slice(slice);
        if (_part is null || _part.Index != part)
        {
            // Given back first: a cache with room for two parts then still has room for the next one.
            _part?.Dispose();
            (_part, _slice) = (null, -1);
            _part = await _reader.GetPartAsync(part, cancellationToken);
        }

        _order.PermuteRows(slice, _sliceRows);
        (_epoch, _slice, _sliceFirstRow) = (epoch, slice, firstRow);
        var next = slice + 1 < _order.Count ? _order.Slice(slice + 1).Part : _order.FirstPartOf(epoch + 1, _scratch);
        if (next != part)
        {
            _reader.Prefetch(next);
        }
    }

    private void Decode(BatchTarget batch, int batchRow, int first, int count)
    {
        var part = _part!.Rows.Span;
        foreach (var row in _sliceRows.AsSpan(first, count))
        {
            _decoder.Decode(part, _sliceFirstRow + row, batch, batchRow++);
        }
    }
}
