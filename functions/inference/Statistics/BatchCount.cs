namespace Serverless.Inference.Statistics;

/// <summary>Counts the runs of one batch size.</summary>
internal sealed class BatchCount
{
    private long _count;
    private long _input;
    private long _infer;
    private long _output;

    /// <summary>Counts a run, given in timestamps.</summary>
    public void Add(long input, long infer, long output)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _input, input);
        Interlocked.Add(ref _infer, infer);
        Interlocked.Add(ref _output, output);
    }

    /// <summary>The counts so far.</summary>
    /// <param name="rows">The batch size.</param>
    /// <param name="nanoseconds">Nanoseconds in one timestamp.</param>
    public BatchStatistics Read(long rows, double nanoseconds)
    {
        var count = Volatile.Read(ref _count);
        return new BatchStatistics(rows, Duration(ref _input), Duration(ref _infer), Duration(ref _output));

        DurationCount Duration(ref long ticks) => new(count, (long)(Volatile.Read(ref ticks) * nanoseconds));
    }
}
