using System.Numerics;

namespace Serverless.Inference.Scheduling;

/// <summary>
/// How long a row takes in batches of each size, learned while serving: a moving average for each power of two. What has not been tried yet is taken to be worth trying,
/// and now and then a size that was not worth it is tried again. Not thread-safe.
/// </summary>
internal sealed class BatchTimes
{
    // A smaller batch that is nearly as good is preferred: its first request waits less for the last one.
    private const double Worthwhile = 0.9;
    private const double Weight = 0.25;
    private const int RetryAfter = 512;

    // Time per row by the logarithm of the size, rounded up; 0 where it is not known.
    private readonly double[] _perRow = new double[32];
    private int _passedOver;

    /// <summary>Learns from a run.</summary>
    public void Record(long rows, long ticks)
    {
        ref var perRow = ref _perRow[Bucket(rows)];
        var measured = (double)ticks / rows;
        perRow = perRow == 0 ? measured : perRow + (Weight * (measured - perRow));
    }

    /// <summary>How many rows to run at once where this many wait.</summary>
    public long Choose(long waiting)
    {
        var largest = Bucket(waiting);
        var best = double.MaxValue;
        for (var bucket = 0; bucket <= largest; bucket++)
        {
            if (_perRow[bucket] == 0)
            {
                if (bucket == largest)
                {
                    return waiting;
                }

                continue;
            }

            best = Math.Min(best, _perRow[bucket]);
        }

        for (var bucket = 0; bucket < largest; bucket++)
        {
            if (_perRow[bucket] > 0 && _perRow[bucket] * Worthwhile <= best)
            {
                if (++_passedOver < RetryAfter)
                {
                    return 1L << bucket;
                }

                _passedOver = 0;
                break;
            }
        }

        return waiting;
    }

    /// <summary>Whether rows that wait for others, to become so many, are served the sooner for it.</summary>
    public bool Pays(long waiting, long target)
    {
        var now = _perRow[Bucket(waiting)];
        var later = _perRow[Bucket(target)];
        return now == 0 || later == 0 || later < now * Worthwhile;
    }

    private static int Bucket(long rows) => rows <= 1 ? 0 : BitOperations.Log2((ulong)(rows - 1)) + 1;
}
