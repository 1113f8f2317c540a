using System.Runtime.InteropServices;

namespace Serverless.Inference.Execution;

/// <summary>
/// A block of pinned memory that a request's bytes are written into and ONNX Runtime reads from, with no copy between. Returned to its pool on dispose.
/// </summary>
public sealed class TensorBuffer : IDisposable
{
    /// <summary>The alignment of the first byte: a cache line, which is also the widest vector.</summary>
    internal const int Alignment = 64;

    private readonly TensorPool _pool;
    private readonly byte[] _block;
    private readonly int _offset;
    private int _length;

    internal TensorBuffer(TensorPool pool, int bucket, int capacity)
    {
        _pool = pool;
        Bucket = bucket;
        Capacity = capacity;
        _block = GC.AllocateUninitializedArray<byte>(capacity + Alignment, pinned: true);
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(_block, 0);
        _offset = (int)(-address & (Alignment - 1));
        Address = address + _offset;
    }

    /// <summary>Where the first byte lies; valid as long as the buffer is reachable.</summary>
    public nint Address { get; }

    /// <summary>The bytes in use.</summary>
    public Span<byte> Bytes => _block.AsSpan(_offset, _length);

    internal int Bucket { get; }

    internal int Capacity { get; }

    /// <summary>A run that is bound to this memory, ready to be used again; null where there is none.</summary>
    internal BoundRun? Bound { get; private set; }

    /// <summary>Gives the block back; the buffer must not be touched afterwards.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _length, -1) >= 0)
        {
            _pool.Return(this);
        }
    }

    /// <summary>Keeps a run that is bound to this memory.</summary>
    internal void Keep(BoundRun run)
    {
        Forget();
        run.IsKept = true;
        Bound = run;
    }

    /// <summary>Ends the binding of what is bound to this memory.</summary>
    internal void Forget()
    {
        Bound?.Dispose();
        Bound = null;
    }

    /// <summary>Says that only the first bytes are in use.</summary>
    internal void Shrink(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length);
        _length = length;
    }

    internal TensorBuffer Lend(int length)
    {
        _length = length;
        return this;
    }
}
