namespace Serverless.Optimization.Calibration;

/// <summary>What was met in a model's tensors while it ran on the calibration rows.</summary>
internal sealed class CalibrationStatistics
{
    // Of ten thousand values, one may be cut off.
    private const double KeptShare = 0.9999;

    private readonly IReadOnlyDictionary<string, ValueRange> _ranges;
    private readonly IReadOnlyDictionary<string, MagnitudeHistogram> _histograms;

    /// <summary>Keeps what was met.</summary>
    public CalibrationStatistics(IReadOnlyDictionary<string, ValueRange> ranges, IReadOnlyDictionary<string, MagnitudeHistogram> histograms) =>
        (_ranges, _histograms) = (ranges, histograms);

    /// <summary>The range to keep apart for a tensor.</summary>
    public ValueRange RangeOf(string tensor, CalibrationMethod method)
    {
        var range = _ranges[tensor];
        if (method == CalibrationMethod.MinMax || range.Magnitude == 0)
        {
            return range;
        }

        var histogram = _histograms[tensor];
        return range.Within(method == CalibrationMethod.Percentile ? histogram.Percentile(KeptShare) : histogram.LeastDivergence());
    }
}
