using System.Collections.Concurrent;

namespace Serverless.Inference.Tests.Scheduling;

/// <summary>A clock that moves when told to; if asked to, also a little whenever it is looked at, so that no two moments are the same.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Alarm> _alarms = [];
    private long _ticks = TimeSpan.TicksPerDay;

    public bool MovesWhenLookedAt { get; init; }

    /// <summary>By how much.</summary>
    public long Step { get; init; } = 1;

    /// <summary>The names of the threads that have looked at it.</summary>
    public ConcurrentQueue<string?> Threads { get; } = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp()
    {
        Threads.Enqueue(Thread.CurrentThread.Name);
        return MovesWhenLookedAt ? Interlocked.Add(ref _ticks, Step) : Volatile.Read(ref _ticks);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, callback, state);
        lock (_lock)
        {
            _alarms.Add(alarm);
        }

        alarm.Change(dueTime, period);
        return alarm;
    }

    public void Advance(TimeSpan by)
    {
        List<Alarm> due;
        lock (_lock)
        {
            _ticks += by.Ticks;
            due = [.. _alarms.Where(alarm => alarm.Due <= _ticks)];
            due.ForEach(alarm => alarm.Due = null);
        }

        due.ForEach(alarm => alarm.Fire());
    }

    private sealed class Alarm(SteppedClock clock, TimerCallback callback, object? state) : ITimer
    {
        public long? Due { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock._ticks + dueTime.Ticks;
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                clock._alarms.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
