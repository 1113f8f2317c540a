namespace Serverless.Core.Datasets;

/// <summary>The verified bytes of a part, held in memory until disposed.</summary>
public sealed class PartLease : IDisposable
{
    private readonly PartCache _cache;
    private readonly CachedPart _part;
    private int _released;

    internal PartLease(PartCache cache, CachedPart part) => (_cache, _part) = (cache, part);

    /// <summary>Number of the part.</summary>
    public int Index => _part.Index;

    /// <summary>The rows of the part, one after the other. Must not be touched after <see cref="Dispose"/>: the memory is used again.</summary>
    public ReadOnlyMemory<byte> Rows => _released == 0
        ? _part.Buffer.AsMemory(0, _part.Bytes)
        : throw new ObjectDisposedException(nameof(PartLease));

    /// <summary>Lets the cache drop the part when it needs the room.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _cache.Release(_part);
        }
    }
}
