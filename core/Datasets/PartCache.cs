namespace Serverless.Core.Datasets;

/// <summary>
/// Parts in memory, the least recently used ones dropped first. Every part is fetched once however many ask for it at the same time, and buffers are used
/// again, so
/// that after the first epoch reading allocates nothing however long it goes on.
/// </summary>
/// <param name="partBytes">Size of every buffer: that of the largest part.</param>
/// <param name="capacityBytes">Most bytes of buffers; exceeded only as long as parts in use and being fetched do not fit.</param>
/// <param name="load">Fetches a part into a buffer and verifies it.</param>
internal sealed class PartCache(int partBytes, long capacityBytes, Func<int, Memory<byte>, CancellationToken, Task> load) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, LinkedListNode<CachedPart>> _parts = [];

    // The most recently used part comes first.
    private readonly LinkedList<CachedPart> _order = new();
    private readonly Stack<byte[]> _free = new();
    private readonly CancellationTokenSource _stop = new();
    private int _buffers;

    /// <summary>Bytes of all buffers, those of dropped parts included.</summary>
    public long AllocatedBytes => (long)Volatile.Read(ref _buffers) * partBytes;

    /// <summary>Parts fetched so far.</summary>
    public long Loads { get; private set; }

    public ValueTask<PartLease> GetAsync(int index, int bytes, CancellationToken cancellationToken)
    {
        CachedPart part;
        lock (_gate)
        {
            part = Touch(index, bytes);
            part.Leases++;
        }

        return part.Loading.IsCompletedSuccessfully ? new ValueTask<PartLease>(new PartLease(this, part)) : WaitAsync(part, cancellationToken);
    }

    /// <summary>Starts fetching a part that will soon be asked for.</summary>
    public void Prefetch(int index, int bytes)
    {
        lock (_gate)
        {
            Touch(index, bytes);
        }
    }

    public void Release(CachedPart part)
    {
        lock (_gate)
        {
            part.Leases--;
            Trim(capacityBytes);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private CachedPart Touch(int index, int bytes)
    {
        ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
        if (_parts.TryGetValue(index, out var node))
        {
            _order.Remove(node);
            _order.AddFirst(node);
            return node.Value;
        }

        Trim(capacityBytes - partBytes);
        if (!_free.TryPop(out var buffer))
        {
            buffer = GC.AllocateUninitializedArray<byte>(partBytes);
            _buffers++;
        }

        var part = new CachedPart(index, buffer, bytes);
        _parts.Add(index, _order.AddFirst(part));
        Loads++;
        var token = _stop.Token;
        part.Loading = Task.Run(() => LoadAsync(part, token), CancellationToken.None);
        return part;
    }

    /// <summary>Drops the parts used longest ago until at most <paramref name="capacity"/> bytes are taken or nothing more can be dropped.</summary>
    private void Trim(long capacity)
    {
        var node = _order.Last;
        while (node is not null && (long)_parts.Count * partBytes > capacity)
        {
            var previous = node.Previous;
            if (node.Value is { Leases: 0, Loading.IsCompleted: true })
            {
                Drop(node);
            }

            node = previous;
        }

        // Buffers beyond the capacity were needed for a moment only.
        while ((long)_buffers * partBytes > capacityBytes && _free.TryPop(out _))
        {
            _buffers--;
        }
    }

    private void Drop(LinkedListNode<CachedPart> node)
    {
        _order.Remove(node);
        _parts.Remove(node.Value.Index);
        _free.Push(node.Value.Buffer);
    }

    private async Task LoadAsync(CachedPart part, CancellationToken cancellationToken)
    {
        try
        {
            await load(part.Index, part.Buffer.AsMemory(0, part.Bytes), cancellationToken);
        }
        catch
        {
            // The next one to ask tries again. The buffer is left to the collector: whoever waits for this part may still hold it.
            lock (_gate)
            {
                if (_parts.Remove(part.Index, out var node))
                {
                    _order.Remove(node);
                    _buffers--;
                }
            }

            throw;
        }
    }

    private async ValueTask<PartLease> WaitAsync(CachedPart part, CancellationToken cancellationToken)
    {
        try
        {
            await part.Loading.WaitAsync(cancellationToken);
            return new PartLease(this, part);
        }
        catch
        {
            Release(part);
            throw;
        }
    }
}
