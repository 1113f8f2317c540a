namespace Serverless.Trainer.Shards;

/// <summary>The shards that this trainer works on, by number. The run takes from it, the balancer adds to it.</summary>
internal sealed class OwnedShards
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, OwnedShard> _shards = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _shards.Count;
            }
        }
    }

    /// <summary>Completes when a shard is added after this was asked for.</summary>
    public Task Added
    {
        get
        {
            lock (_lock)
            {
                return _added.Task;
            }
        }
    }

    /// <summary>Whether the shard is among them.</summary>
    public bool Contains(int shard)
    {
        lock (_lock)
        {
            return _shards.ContainsKey(shard);
        }
    }

    /// <summary>All of them as they are now, by number.</summary>
    public OwnedShard[] ToArray()
    {
        lock (_lock)
        {
            return [.. _shards.Values];
        }
    }

    /// <summary>Adds a shard.</summary>
    public void Add(OwnedShard shard)
    {
        lock (_lock)
        {
            _shards[shard.Index] = shard;
            _added.SetResult();
            _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Takes a shard out; it stays the caller's to dispose.</summary>
    public void Remove(OwnedShard shard)
    {
        lock (_lock)
        {
            if (_shards.TryGetValue(shard.Index, out var there) && ReferenceEquals(there, shard))
            {
                _shards.Remove(shard.Index);
            }
        }
    }
}
