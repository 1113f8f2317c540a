using Serverless.Core.Randomness;

namespace Serverless.Core.Datasets;

/// <summary>
/// The order in which a shard's rows are visited in an epoch: its slices of parts in random order, and within a slice its rows in random order. So a shard
/// reads one part
/// at a time, every row exactly once. The order is a function of (seed, shard, epoch) alone; any position is found without going through those before it.
/// </summary>
internal sealed class ShardOrder
{
    private readonly long _firstRow;
    private readonly long _rows;
    private readonly int _partRows;
    private readonly long _seed;
    private readonly int _shard;
    private readonly int[] _slices;
    private readonly long[] _starts;
    private long _epoch = -1;

    public ShardOrder(long firstRow, long rows, int partRows, long seed, int shard)
    {
        (_firstRow, _rows, _partRows, _seed, _shard) = (firstRow, rows, partRows, seed, shard);
        var firstPart = (int)(firstRow / partRows);
        var lastPart = rows == 0 ? firstPart - 1 : (int)((firstRow + rows - 1) / partRows);
        FirstPart = firstPart;
        _slices = new int[lastPart - firstPart + 1];
        _starts = new long[_slices.Length + 1];
    }

    /// <summary>Number of slices.</summary>
    public int Count => _slices.Length;

    /// <summary>The part that holds the shard's first row.</summary>
    public int FirstPart { get; }

    /// <summary>Most rows of a slice.</summary>
    public int MaxSliceRows => (int)Math.Min(_partRows, _rows);

    /// <summary>Goes to an epoch.</summary>
    public void Enter(long epoch)
    {
        if (epoch == _epoch)
        {
            return;
        }

        new Xoshiro256(SplitMix64.Derive(_seed, _shard, epoch)).Permute(_slices);
        for (var i = 0; i < _slices.Length; i++)
        {
            _starts[i + 1] = _starts[i] + Slice(i).Rows;
        }

        _epoch = epoch;
    }

    /// <summary>Which slice, in the order of the epoch, holds a position, counted from 0 to the shard's rows - 1.</summary>
    public int Find(long position)
    {
        var index = Array.BinarySearch(_starts, position);
        return index >= 0 ? index : ~index - 1;
    }

    /// <summary>The position a slice of the epoch begins at; that of <see cref="Count"/> is the end.</summary>
    public long Start(int index) => _starts[index];

    /// <summary>A slice of the epoch: rows <c>FirstRow</c> … <c>FirstRow + Rows - 1</c> of a part.</summary>
    public (int Part, int FirstRow, int Rows) Slice(int index)
    {
        var part = FirstPart + _slices[index];
        var partBegin = (long)part * _partRows;
        var begin = Math.Max(_firstRow, partBegin);
        var end = Math.Min(_firstRow + _rows, partBegin + _partRows);
        return (part, (int)(begin - partBegin), (int)(end - begin));
    }

    /// <summary>Rows of a slice of the epoch in the order of their visit, counted from the slice's first.</summary>
    public Span<int> PermuteRows(int index, Span<int> rows)
    {
        var (part, _, count) = Slice(index);
        rows = rows[..count];
        new Xoshiro256(SplitMix64.Derive(_seed, _shard, _epoch, part)).Permute(rows);
        return rows;
    }

    /// <summary>The part visited first in an epoch, found without leaving the current one.</summary>
    public int FirstPartOf(long epoch, Span<int> scratch)
    {
        scratch = scratch[..Count];
        new Xoshiro256(SplitMix64.Derive(_seed, _shard, epoch)).Permute(scratch);
        return FirstPart + scratch[0];
    }
}
