namespace Serverless.Core.Rounds;

/// <summary>
/// Paces the asking for something that comes once a round. It learns how long the wait usually is, stays quiet for most of it, asks often around the time it is
/// expected and ever more seldom after, up to once a second: quick when rounds are quick, cheap when they are slow. Not safe for concurrent use.
/// </summary>
public sealed class RoundWaiter(TimeProvider time)
{
    /// <summary>Longest time between two questions.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);

    private const double Learning = 0.3;
    private const double QuietShare = 0.8;
    private const double Overslept = 0.5;
    private const double Growth = 1.5;

    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(2);

    private long _began = time.GetTimestamp();
    private TimeSpan _next = ShortestDelay;
    private bool _quiet;
    private bool _expecting;

    /// <summary>How long a wait is expected to take; zero before the first one.</summary>
    public TimeSpan Expected { get; private set; }

    /// <summary>How long this wait has taken so far.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    /// <summary>Whether this wait takes much longer than waits do: time to see whether somebody has died.</summary>
    public bool IsOverdue => Elapsed > (3 * Expected) + LongestDelay;

    /// <summary>A wait begins.</summary>
    public void Begin()
    {
        _began = time.GetTimestamp();
        _next = TimeSpan.FromTicks(Math.Clamp(Expected.Ticks / 16, ShortestDelay.Ticks, LongestDelay.Ticks));
        (_quiet, _expecting) = (false, false);
    }

    /// <summary>How long to stay quiet before asking (again).</summary>
    public TimeSpan NextDelay()
    {
        if (!_expecting)
        {
            var quiet = (QuietShare * Expected) - Elapsed;
            if (quiet > _next)
            {
                _quiet = true;
                return quiet < LongestDelay ? quiet : LongestDelay;
            }

            _expecting = true;
        }

        var delay = _next;
        _next = TimeSpan.FromTicks(Math.Min((long)(_next.Ticks * Growth), LongestDelay.Ticks));
        return delay;
    }

    /// <summary>Stays quiet for <see cref="NextDelay"/>.</summary>
    public Task DelayAsync(CancellationToken cancellation = default) => Task.Delay(NextDelay(), time, cancellation);

    /// <summary>What was waited for has come.</summary>
    /// <remarks>
    /// If it was there at the first question after staying quiet, nobody knows for how long: taking that for how long waits are would keep one long wait alive for ever,
    /// the more so where two wait for each other.
    /// </remarks>
    public void Arrived() => Expected =
        _quiet && !_expecting ? Overslept * Expected
        : Expected == TimeSpan.Zero ? Elapsed
        : ((1 - Learning) * Expected) + (Learning * Elapsed);
}
