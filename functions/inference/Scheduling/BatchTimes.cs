using System.Numerics;

namespace Serverless.Inference.Scheduling;

/// <summary>
/// How long a row takes in batches of each size, learned while serving, for each power of two. What has not been tried yet is taken to be worth trying, and now and then a
/// size that was not worth it is tried again. A run may have been interrupted by whatever else the processor has to do: so the estimate follows a quicker run at once and
/// a slower one only little by little. Not thread-safe.
/// </summary>
internal sealed class BatchTimes
{
    // A smaller batch that is nearly as good is preferred: its first request waits less for the last one.
    private const double Worthwhile = 0.9;
    private const double WeightOfQuicker = 0.5;
    private const double WeightOfSlower = 1.0 / 64;
    private const double MostSlower = 4;
    private const int RetryAfter = 512;

    // Time per row by the logarithm of the size, rounded up; 0 where it is not known.
    private readonly double[] _perRow = new double[32];
    private uint _run;
    private int _passedOver;
    private int _keptApart;

    /// <summary>Learns from a run.</summary>
    public void Record(long rows, long ticks)
    {
        var bucket = Bucket(rows);
        if ((_run & (1u << bucket)) == 0)
        {
            // The first of its size prepares memory, which no later one does.
            _run |= 1u << bucket;
            return;
        }

        ref var perRow = ref _perRow[bucket];
        var measured = (double)ticks / rows;
        perRow = perRow == 0 ? measured
            : measured < perRow ? perRow + (WeightOfQuicker * (measured - perRow))
            : perRow + (WeightOfSlower * (Math.Min(measured, MostSlower * perRow) - perRow));
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

    /// <summary>How long so many rows will take; 0 where that is not known.</summary>
    public double Expect(long rows) => _perRow[Bucket(rows)] * Math.Max(1, rows);

    /// <summary>Whether rows that come one by one are served the sooner together, as many as there may be.</summary>
    public bool JoiningPays()
    {
        var alone = _perRow[0];
        if (alone == 0)
        {
            return true;
        }

        var isKnown = false;
        foreach (var joined in _perRow.AsSpan(1))
        {
            if (joined > 0 && joined < alone * Worthwhile)
            {
                return true;
            }

            isKnown |= joined > 0;
        }

        if (isKnown && ++_keptApart < RetryAfter)
        {
            return false;
        }

        _keptApart = 0;
        return true;
    }

    private static int Bucket(long rows) => rows <= 1 ? 0 : BitOperations.Log2((ulong)(rows - 1)) + 1;
}
