using System.Collections.Concurrent;
using System.Numerics;

namespace Serverless.Inference.Statistics;

/// <summary>
/// What a model version has done since it was loaded. Counting takes no lock: every processor counts for itself, and reading adds the counts up, each exact, though
/// not all of the same moment.
/// </summary>
public sealed class ModelStatistics
{
    /// <summary>How many buckets the duration histograms have; the upper bound of bucket i is 2^i µs, of the last one infinite.</summary>
    public const int DurationBuckets = 26;

    /// <summary>How many buckets the histogram of batch sizes has; the upper bound of bucket i is 2^i rows, of the last one infinite.</summary>
    public const int BatchBuckets = 13;

    // Counts of different processors are two cache lines or more apart, as prefetching takes them in pairs.
    private const int Stride = 128;

    private static readonly int Stripes = (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);

    private readonly long[] _counts = new long[(Stripes + 1) * Stride];
    private readonly ConcurrentDictionary<long, BatchCount> _batches = new();
    private readonly TimeProvider _time;
    private readonly double _nanoseconds;
    private readonly Func<long> _keptBytes;
    private long _lastInference;
    private int _pending;

    /// <summary>Statistics of a model version that has done nothing yet.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="version">The version as the protocol writes it.</param>
    /// <param name="time">The clock whose timestamps it is given.</param>
    /// <param name="keptBytes">Tells how much memory is kept for its tensors.</param>
    public ModelStatistics(string model, string version, TimeProvider time, Func<long> keptBytes)
    {
        _keptBytes = keptBytes;
        ArgumentNullException.ThrowIfNull(time);
        Model = model;
        Version = version;
        _time = time;
        _nanoseconds = 1e9 / time.TimestampFrequency;
    }

    /// <summary>The model's name.</summary>
    public string Model { get; }

    /// <summary>The version as the protocol writes it.</summary>
    public string Version { get; }

    /// <summary>Bytes that are kept for its tensors between requests.</summary>
    public long KeptBytes => _keptBytes();

    /// <summary>Adds everything up.</summary>
    public ModelCounts Read()
    {
        var sums = new long[Stride];
        for (var stripe = 0; stripe < Stripes; stripe++)
        {
            for (var counter = 0; counter < Stride; counter++)
            {
                sums[counter] += Volatile.Read(ref _counts[Index(stripe, counter)]);
            }
        }

        var succeeded = sums[(int)Counter.Succeeded];
        return new ModelCounts
        {
            Success = Duration(succeeded, Sum(Counter.Total)),
            Fail = Duration(Sum(Counter.Rejected) + Sum(Counter.Cancelled) + Sum(Counter.Backend), Sum(Counter.FailedTicks)),
            Rejected = Sum(Counter.Rejected),
            Cancelled = Sum(Counter.Cancelled),
            Backend = Sum(Counter.Backend),
            Queue = Duration(succeeded, Sum(Counter.Queue)),
            ComputeInput = Duration(succeeded, Sum(Counter.ComputeInput)),
            ComputeInfer = Duration(succeeded, Sum(Counter.ComputeInfer)),
            ComputeOutput = Duration(succeeded, Sum(Counter.ComputeOutput)),
            Inferences = Sum(Counter.Inferences),
            Executions = Sum(Counter.Executions),
            Pending = Volatile.Read(ref _pending),
            LastInference = Volatile.Read(ref _lastInference) is var last and > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(last) : null,
            RequestHistogram = sums[(int)Counter.RequestHistogram..((int)Counter.RequestHistogram + DurationBuckets)],
            QueueHistogram = sums[(int)Counter.QueueHistogram..((int)Counter.QueueHistogram + DurationBuckets)],
            BatchHistogram = sums[(int)Counter.BatchHistogram..((int)Counter.BatchHistogram + BatchBuckets)],
            Batches = [.. _batches.OrderBy(batch => batch.Key).Select(batch => batch.Value.Read(batch.Key, _nanoseconds))],
        };

        long Sum(Counter counter) => sums[(int)counter];
    }

    /// <summary>Counts a request that was answered.</summary>
    /// <param name="rows">Its rows, 1 where it has none.</param>
    /// <param name="queue">Timestamps from its arrival until it was taken up.</param>
    /// <param name="input">Timestamps until its inputs stood ready.</param>
    /// <param name="infer">Timestamps that the model ran.</param>
    /// <param name="output">Timestamps until its outputs could be read.</param>
    internal void Succeeded(long rows, long queue, long input, long infer, long output)
    {
        var stripe = Thread.GetCurrentProcessorId() & (Stripes - 1);
        var total = queue + input + infer + output;
        Add(stripe, (int)Counter.Succeeded, 1);
        Add(stripe, (int)Counter.Inferences, rows);
        Add(stripe, (int)Counter.Total, total);
        Add(stripe, (int)Counter.Queue, queue);
        Add(stripe, (int)Counter.ComputeInput, input);
        Add(stripe, (int)Counter.ComputeInfer, infer);
        Add(stripe, (int)Counter.ComputeOutput, output);
        Add(stripe, (int)Counter.RequestHistogram + Bucket(Microseconds(total), DurationBuckets), 1);
        Add(stripe, (int)Counter.QueueHistogram + Bucket(Microseconds(queue), DurationBuckets), 1);
    }

    /// <summary>Counts a request that was not answered.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="ticks">Timestamps from its arrival until then.</param>
    internal void Failed(FailureReason reason, long ticks)
    {
        var stripe = Thread.GetCurrentProcessorId() & (Stripes - 1);
        Add(stripe, (int)Counter.Rejected + (int)reason, 1);
        Add(stripe, (int)Counter.FailedTicks, ticks);
    }

    /// <summary>Counts a run of the model.</summary>
    internal void Executed(long rows, long input, long infer, long output)
    {
        var stripe = Thread.GetCurrentProcessorId() & (Stripes - 1);
        Add(stripe, (int)Counter.Executions, 1);
        Add(stripe, (int)Counter.BatchHistogram + Bucket(rows, BatchBuckets), 1);
        _batches.GetOrAdd(rows, static _ => new BatchCount()).Add(input, infer, output);
        Volatile.Write(ref _lastInference, _time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    /// <summary>Notes how many requests wait.</summary>
    internal void Pending(int requests) => Volatile.Write(ref _pending, requests);

    // One stride is left free in front: the array's length is read with every access to it.
    private static int Index(int stripe, int counter) => ((stripe + 1) * Stride) + counter;

    // The logarithm, rounded up.
    private static int Bucket(long value, int buckets) => value <= 1 ? 0 : Math.Min(BitOperations.Log2((ulong)(value - 1)) + 1, buckets - 1);

    private void Add(int stripe, int counter, long value) => Interlocked.Add(ref _counts[Index(stripe, counter)], value);

    private long Microseconds(long ticks) => (long)Math.Ceiling(ticks * _nanoseconds / 1000);

    private DurationCount Duration(long count, long ticks) => new(count, (long)(ticks * _nanoseconds));

    private enum Counter
    {
        Succeeded,
        Total,
        Queue,
        ComputeInput,
        ComputeInfer,
        ComputeOutput,
        Inferences,
        Executions,

        // In the order of FailureReason.
        Rejected,
        Cancelled,
        Backend,
        FailedTicks,
        RequestHistogram,
        QueueHistogram = RequestHistogram + DurationBuckets,
        BatchHistogram = QueueHistogram + DurationBuckets,
    }
}
