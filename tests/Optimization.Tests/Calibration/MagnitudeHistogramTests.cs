using FsCheck;
using FsCheck.Fluent;
using Serverless.Optimization.Calibration;

namespace Serverless.Optimization.Tests.Calibration;

public sealed class MagnitudeHistogramTests
{
    [Theory]
    [InlineData(0.5, 5)]
    [InlineData(0.99, 9.9)]
    [InlineData(1, 10)]
    public void Percentile_EvenlySpreadValues_IsThatPartOfTheRange(double share, float expected)
    {
        var histogram = new MagnitudeHistogram(new ValueRange(-10, 10));
        histogram.Add([.. Enumerable.Range(1, 10_000).Select(i => i % 2 == 0 ? i / 1000f : -i / 1000f)]);

        Assert.Equal(expected, histogram.Percentile(share), 0.01);
    }

    [Fact]
    public void Percentile_MostlyZeros_DoesNotCountThem()
    {
        var histogram = new MagnitudeHistogram(new ValueRange(0, 8));
        histogram.Add(new float[1_000_000]);
        histogram.Add([2, 4, 6, 8]);

        Assert.Equal(4, histogram.Percentile(0.5), 0.01);
    }

    [Fact]
    public void LeastDivergence_EvenlySpreadValues_KeepsNearlyAll()
    {
        var histogram = new MagnitudeHistogram(new ValueRange(0, 1));
        histogram.Add([.. Enumerable.Range(1, 100_000).Select(i => i / 100_000f)]);

        Assert.InRange(histogram.LeastDivergence(), 0.95f, 1);
    }

    [Fact]
    public void LeastDivergence_BellWithAFarOutlier_CutsTheOutlierOff()
    {
        var random = new Random(3);
        var histogram = new MagnitudeHistogram(new ValueRange(-100, 100));
        histogram.Add([.. Enumerable.Range(0, 100_000).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))), 100]);

        Assert.InRange(histogram.LeastDivergence(), 3, 20);
    }

    [Fact]
    public void LeastDivergence_NoValueButZero_IsTheRange() => Assert.Equal(3, new MagnitudeHistogram(new ValueRange(0, 3)).LeastDivergence());

    [Fact]
    public void AnyCut_AnyValues_IsWithinTheRange() =>
        Prop.ForAll<NormalFloat[]>(numbers =>
        {
            float[] values = [.. numbers.Select(number => (float)(number.Get % 1000)).Append(1f)];
            var range = values.Aggregate(default(ValueRange), (found, value) => found.Including(value, value));
            var histogram = new MagnitudeHistogram(range);
            histogram.Add(values);
            Assert.InRange(histogram.Percentile(0.9999), float.Epsilon, range.Magnitude * 1.0001f);
            Assert.InRange(histogram.LeastDivergence(), float.Epsilon, range.Magnitude * 1.0001f);
        }).QuickCheckThrowOnFailure();
}
