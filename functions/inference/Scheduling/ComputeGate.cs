namespace Serverless.Inference.Scheduling;

/// <summary>
/// Lets as many runs at once onto the processor as there are cores for. Where more are wanted, the model that has had the least computing time goes first; a model that
/// comes back after a pause starts level with the others, so it gets its share at once and no credit for the time it was away.
/// </summary>
internal sealed class ComputeGate
{
    private readonly Lock _lock = new();
    private readonly List<BatchScheduler> _waiting = [];
    private int _free;
    private int _waiters;
    private long _level;

    /// <summary>Makes a gate.</summary>
    /// <param name="permits">How many may run at once, 1 or more.</param>
    public ComputeGate(int permits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(permits, 1);
        _free = permits;
    }

    /// <summary>Enters, unless all permits are taken or others wait for one.</summary>
    public bool TryEnter() => Volatile.Read(ref _waiters) == 0 && TryTake();

    /// <summary>Enters; where no permit is free, the scheduler is told by <see cref="BatchScheduler.Permit"/> when it has one.</summary>
    public bool TryEnterOrWait(BatchScheduler scheduler)
    {
        lock (_lock)
        {
            // Before looking for a permit once more: whoever gives one back from now on sees that somebody waits.
            var isNew = Join(scheduler);
            if (!TryTake())
            {
                return false;
            }

            if (isNew)
            {
                _waiting.Remove(scheduler);
                Interlocked.Decrement(ref _waiters);
            }

            return true;
        }
    }

    /// <summary>Gives a permit back.</summary>
    /// <param name="scheduler">Whose run it was.</param>
    /// <param name="ticks">How long it took.</param>
    /// <param name="wantsMore">Whether the same model has more to run: it is considered with the others.</param>
    public void Exit(BatchScheduler scheduler, long ticks, bool wantsMore = false)
    {
        Interlocked.Add(ref scheduler.Served, ticks);
        if (wantsMore)
        {
            lock (_lock)
            {
                Join(scheduler);
            }
        }

        Interlocked.Increment(ref _free);
        while (Volatile.Read(ref _waiters) > 0 && Next() is { } next)
        {
            next.Permit();
        }
    }

    private bool Join(BatchScheduler scheduler)
    {
        if (_waiting.Contains(scheduler))
        {
            return false;
        }

        scheduler.Served = Math.Max(scheduler.Served, _level);
        _waiting.Add(scheduler);
        Interlocked.Increment(ref _waiters);
        return true;
    }

    private BatchScheduler? Next()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0 || !TryTake())
            {
                return null;
            }

            var least = _waiting[0];
            foreach (var scheduler in _waiting)
            {
                least = Volatile.Read(ref scheduler.Served) < Volatile.Read(ref least.Served) ? scheduler : least;
            }

            _level = Math.Max(_level, least.Served);
            _waiting.Remove(least);
            Interlocked.Decrement(ref _waiters);
            return least;
        }
    }

    private bool TryTake()
    {
        var free = Volatile.Read(ref _free);
        while (free > 0)
        {
            var seen = Interlocked.CompareExchange(ref _free, free - 1, free);
            if (seen == free)
            {
                return true;
            }

            free = seen;
        }

        return false;
    }
}
