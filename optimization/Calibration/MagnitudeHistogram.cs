namespace Serverless.Optimization.Calibration;

/// <summary>How often a tensor has values of which distance from zero. Zeros are not counted: they are kept exactly whatever the range.</summary>
/// <param name="limit">The largest distance, more than 0.</param>
internal sealed class MagnitudeHistogram(float limit)
{
    private const int Bins = 2048;

    // Steps that 8 bits have on each side of zero.
    private const int Steps = 128;

    private readonly long[] _counts = new long[Bins];
    private readonly float _binsPerUnit = Bins / limit;

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

        return limit;
    }

    /// <summary>
    /// The distance at which to cut so that the distribution, rounded to <see cref="Steps"/> steps, has the least Kullback–Leibler divergence from what it was: what is
    /// beyond counts as being at the cut (S. Migacz, "8-bit inference with TensorRT", GTC 2017).
    /// </summary>
    public float LeastDivergence()
    {
        var (best, least) = (Bins, double.PositiveInfinity);
        var beyond = _counts.Sum();
        var total = (double)beyond;
        if (beyond == 0)
        {
            return limit;
        }

        for (var bin = 0; bin < Steps - 1; bin++)
        {
            beyond -= _counts[bin];
        }

        for (var cut = Steps; cut <= Bins; cut++)
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
    private static double Divergence(ReadOnlySpan<long> counts, long beyond, double total)
    {
        var divergence = 0.0;
        var kept = total - beyond;
        if (kept == 0)
        {
            return double.PositiveInfinity;
        }

        for (var step = 0; step < Steps; step++)
        {
            var begin = (int)((long)step * counts.Length / Steps);
            var bins = counts[begin..(int)((step + 1L) * counts.Length / Steps)];
            var (sum, filled) = (0L, 0);
            foreach (var count in bins)
            {
                sum += count;
                filled += count > 0 ? 1 : 0;
            }

            var isLast = step == Steps - 1;
            if (isLast && beyond > 0 && bins[^1] == 0)
            {
                // Values are said to be where the rounded distribution has none.
                return double.PositiveInfinity;
            }

            var even = sum / (filled * kept);
            for (var i = 0; i < bins.Length; i++)
            {
                if (bins[i] > 0)
                {
                    var p = (bins[i] + (isLast && i == bins.Length - 1 ? beyond : 0)) / total;
                    divergence += p * Math.Log(p / even);
                }
            }
        }

        return divergence;
    }

    private float UpperEnd(int bins) => bins / _binsPerUnit;
}
