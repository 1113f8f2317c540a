namespace Serverless.Cli.Hosting.Queues;

/// <summary>The growing pause between looks into an empty queue: doubles from 100 ms up to the longest allowed, and starts anew when a message came.</summary>
/// <param name="longest">The longest pause.</param>
internal sealed class PollingDelay(TimeSpan longest)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private TimeSpan _next = Shortest;

    /// <summary>The pause after a look that found nothing.</summary>
    public TimeSpan AfterEmpty()
    {
        var pause = _next < longest ? _next : longest;
        _next = pause + pause;
        return pause;
    }

    /// <summary>Notes that a message came.</summary>
    public void Reset() => _next = Shortest;
}
