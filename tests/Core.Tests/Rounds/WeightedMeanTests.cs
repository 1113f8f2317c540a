using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Rounds;
using Serverless.Core.Tests.Jobs;

namespace Serverless.Core.Tests.Rounds;

public sealed class WeightedMeanTests
{
    [Fact]
    public void TryAdd_AnyContributions_EqualsTheMeanInDoublePrecision()
    {
        var layout = SampleJobs.Planned(SampleJobs.Spec(buffers: true)).Layout;
        var samples = Gen.Choose(0, 1000).ListOf().Where(list => list.Any(count => count > 0) && list.Count <= 40);
        Prop.ForAll(samples.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (counts, seed) =>
        {
            var random = new Random(seed);
            var contributions = counts.Select(count => Random(new Contribution(layout) { Samples = count }, random)).ToList();
            var total = (double)counts.Sum();
            var mean = new WeightedMean(layout.TrainableLength, layout.BufferLength);

            mean.Begin();
            Assert.All(contributions, contribution => Assert.True(mean.TryAdd(contribution, (float)(contribution.Samples / total))));

            Compare(mean.Trainable, contributions, contribution => contribution.Trainable, total);
            Compare(mean.Buffers, contributions, contribution => contribution.Buffers, total);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void TryAdd_OnlyOne_IsTakenToTheBit()
    {
        var layout = SampleJobs.Planned().Layout;
        var contribution = Random(new Contribution(layout), new Random(1));
        var mean = new WeightedMean(layout.TrainableLength, layout.BufferLength);
        contribution.Trainable.AsSpan().CopyTo(mean.Trainable);
        Array.Reverse(mean.Trainable);

        mean.Begin();
        mean.TryAdd(contribution, 1);

        Assert.Equal(contribution.Trainable, mean.Trainable);
    }

    [Fact]
    public void TryAdd_ValueThatIsNotFinite_IsFoundWhereverItIs()
    {
        var layout = SampleJobs.Planned(SampleJobs.Spec(buffers: true)).Layout;
        var places = from inBuffers in Gen.Elements(true, false)
                     from index in Gen.Choose(0, (inBuffers ? layout.BufferLength : layout.TrainableLength) - 1)
                     from value in Gen.Elements(float.NaN, float.PositiveInfinity, float.NegativeInfinity)
                     select (inBuffers, index, value);
        Prop.ForAll(places.ToArbitrary(), place =>
        {
            var contribution = Random(new Contribution(layout), new Random(1));
            (place.inBuffers ? contribution.Buffers : contribution.Trainable)[place.index] = place.value;
            var mean = new WeightedMean(layout.TrainableLength, layout.BufferLength);
            mean.Begin();

            Assert.False(mean.TryAdd(contribution, 0));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void IsFinite_GreatestFloat_IsTrue() => Assert.True(WeightedMean.IsFinite([float.MaxValue, float.MinValue, 0, -0f, float.Epsilon]));

    internal static Contribution Random(Contribution contribution, Random random)
    {
        foreach (var region in (float[][])[contribution.Trainable, contribution.Buffers])
        {
            for (var i = 0; i < region.Length; i++)
            {
                region[i] = (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-4, 4)));
            }
        }

        return contribution;
    }

    // The bound of a float32 sum of n rounded products: (n + 2) units of 2⁻²⁴ of the sum of their magnitudes.
    private static void Compare(float[] mean, List<Contribution> contributions, Func<Contribution, float[]> region, double total)
    {
        for (var i = 0; i < mean.Length; i++)
        {
            var expected = contributions.Sum(contribution => contribution.Samples / total * region(contribution)[i]);
            var magnitude = contributions.Sum(contribution => contribution.Samples / total * Math.Abs(region(contribution)[i]));
            Assert.InRange(mean[i] - expected, -Bound(magnitude), Bound(magnitude));
        }

        double Bound(double magnitude) => ((contributions.Count + 2) * Math.Pow(2, -24) * magnitude) + 1e-30;
    }
}
