namespace Serverless.Optimization.Data;

/// <summary>Rows of a model's input.</summary>
public sealed class SampleRows
{
    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>Rows in memory.</summary>
    /// <param name="bytes">Their elements, row by row, little-endian in the input's element type.</param>
    /// <param name="count">How many rows, 1 or more.</param>
    /// <exception cref="ArgumentException">The bytes are no multiple of the rows.</exception>
    public SampleRows(ReadOnlyMemory<byte> bytes, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (bytes.Length == 0 || bytes.Length % count != 0)
        {
            throw new ArgumentException($"{bytes.Length} bytes are not {count} rows of equal length.", nameof(bytes));
        }

        (_bytes, Count) = (bytes, count);
    }

    /// <summary>How many rows.</summary>
    public int Count { get; }

    /// <summary>Bytes of a row.</summary>
    public int RowBytes => _bytes.Length / Count;

    /// <summary>The rows' bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>The first rows; rows are taken again from the beginning where there are fewer.</summary>
    public SampleRows Repeat(int count)
    {
        if (count <= Count)
        {
            return Slice(0, count);
        }

        var repeated = new byte[count * RowBytes];
        for (var row = 0; row < count; row++)
        {
            _bytes.Span.Slice(row % Count * RowBytes, RowBytes).CopyTo(repeated.AsSpan(row * RowBytes));
        }

        return new SampleRows(repeated, count);
    }

    /// <summary>Some of the rows; nothing is copied.</summary>
    public SampleRows Slice(int first, int count) => new(_bytes.Slice(first * RowBytes, count * RowBytes), count);

    /// <summary>The rows in batches. What does not fill the last one is left out where there are others.</summary>
    public IEnumerable<SampleRows> Batches(int batch)
    {
        if (Count < batch)
        {
            yield return Repeat(batch);
        }

        for (var first = 0; first + batch <= Count; first += batch)
        {
            yield return Slice(first, batch);
        }
    }
}
