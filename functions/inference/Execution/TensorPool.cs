using System.Collections.Concurrent;
using System.Numerics;

namespace Serverless.Inference.Execution;

/// <summary>
/// Pinned blocks in sizes of powers of two, reused between requests. What is kept while idle is bounded; a block over that bound goes to the garbage collector.
/// </summary>
public sealed class TensorPool : IDisposable
{
    private const int SmallestPower = 10;
    private const int LargestPower = 30;

    private readonly ConcurrentStack<TensorBuffer>[] _buckets =
        [.. Enumerable.Range(SmallestPower, LargestPower - SmallestPower + 1).Select(_ => new ConcurrentStack<TensorBuffer>())];

    private readonly long _maxRetained;
    private long _retained;
    private volatile bool _isDisposed;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="maxRetained">How many bytes may be kept while no request needs them.</param>
    public TensorPool(long maxRetained = 256L << 20)
    {
        _maxRetained = maxRetained;
    }

    /// <summary>Bytes that are kept and not lent.</summary>
    public long Retained => Volatile.Read(ref _retained);

    /// <summary>Lends a block of at least this many bytes, whose content is undefined.</summary>
    /// <param name="length">0 to 2^30 bytes.</param>
    public TensorBuffer Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1 << LargestPower);
        var bucket = Math.Max(0, BitOperations.Log2((uint)Math.Max(length - 1, 1)) + 1 - SmallestPower);
        if (!_buckets[bucket].TryPop(out var buffer))
        {
            return new TensorBuffer(this, bucket, 1 << (bucket + SmallestPower)).Lend(length);
        }

        Interlocked.Add(ref _retained, -buffer.Capacity);
        return buffer.Lend(length);
    }

    /// <summary>Lets go of everything that is kept; what comes back later is not kept.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (var bucket in _buckets)
        {
            while (bucket.TryPop(out var buffer))
            {
                Interlocked.Add(ref _retained, -buffer.Capacity);
                buffer.Forget();
            }
        }
    }

    internal void Return(TensorBuffer buffer)
    {
        if (Interlocked.Add(ref _retained, buffer.Capacity) <= _maxRetained && !_isDisposed)
        {
            _buckets[buffer.Bucket].Push(buffer);
        }
        else
        {
            Interlocked.Add(ref _retained, -buffer.Capacity);
            buffer.Forget();
        }
    }
}
