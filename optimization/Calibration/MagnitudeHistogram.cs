namespace Serverless.Optimization.Calibration;

/// <summary>How often a tensor has values of which distance from zero. Zeros are not counted: they are kept exactly whatever the range.</summary>
internal sealed class MagnitudeHistogram
{
    private const int Bins = 2048;

    // The probability of what the rounded distribution says never happens.
    private const double Unheard = 1e-4;

    private readonly long[] _counts = new long[Bins];
    private readonly float _limit;
    private readonly float _binsPerUnit;

    // Steps that 8 bits have on a side of zero.
    private readonly int _steps;

    /// <summary>Counts nothing yet.</summary>
    /// <param name="range">The range of the values, which is not empty.</param>
    public MagnitudeHistogram(ValueRange range)
    {
        _limit = range.Magnitude;
        _binsPerUnit = Bins / _limit;
        _steps = range.Minimum < 0 && range.Maximum > 0 ? 128 : 256;
    }

    /// <summary>Counts values.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (value != 0)
            {
                _counts[Math.Min((int)(Math.Abs(value) * _binsPerUnit), Bins - 1)]++;
            }
        }
    }

    /// <summary>The distance that this share of the values is within.</summary>
    public float Percentile(double share)
    {
        var wanted = share * _counts.Sum();
        var met = 0L;
        for (var bin = 0; bin < Bins; bin++)
        {
            met += _counts[bin];
            if (met >= wanted)
            {
                return UpperEnd(bin + 1);
            }
        }

        return _limit;
    }

    /// <summary>
    /// The distance at which to cut so that the distribution, rounded to as many steps as 8 bits have on a side of zero, has the least Kullback–Leibler divergence from what it was: what is
    /// beyond counts as being at the cut (S. Migacz, "8-bit inference with TensorRT", GTC 2017).
    /// </summary>
    public float LeastDivergence()
    {
        var (best, least) = (Bins, double.PositiveInfinity);
        var beyond = _counts.Sum();
        var total = (double)beyond;
        if (beyond == 0)
        {
            return _limit;
        }

        for (var bin = 0; bin < _steps - 1; bin++)
        {
            beyond -= _counts[bin];
        }

        for (var cut = _steps; cut <= Bins; cut++)
        {
            beyond -= _counts[cut - 1];
            var divergence = Divergence(_counts.AsSpan(0, cut), beyond, total);
            if (divergence < least)
            {
                (best, least) = (cut, divergence);
            }
        }

        return UpperEnd(best);
    }

    // Σ p·log(p/q) with p the counts within the cut, what is beyond added to the last, and q the same counts without that, evened out over each step's bins.
    private double Divergence(ReadOnlySpan<long> counts, long beyond, double total)
    {
        var divergence = 0.0;
        var kept = total - beyond;
        if (kept == 0)
        {
            return double.PositiveInfinity;
        }

        for (var step = 0; step < _steps; step++)
        {
            var begin = (int)((long)step * counts.Length / _steps);
            var bins = counts[begin..(int)((step + 1L) * counts.Length / _steps)];
            var (sum, filled) = (0L, 0);
            foreach (var count in bins)
            {
                sum += count;
                filled += count > 0 ? 1 : 0;
            }

            for (var i = 0; i < bins.Length; i++)
            {
                var isLast = step == _steps - 1 && i == bins.Length - 1;
                var p = (bins[i] + (isLast ? beyond : 0)) / total;
                if (p > 0)
                {
                    divergence += p * Math.Log(p / (bins[i] > 0 ? sum / (filled * kept) : Unheard));
                }
            }
        }

        return divergence;
    }

    private float UpperEnd(int bins) => bins / _binsPerUnit;
}
