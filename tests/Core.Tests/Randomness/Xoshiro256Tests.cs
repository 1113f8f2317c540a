using Serverless.Core.Randomness;

namespace Serverless.Core.Tests.Randomness;

public class Xoshiro256Tests
{
    [Fact]
    public void SplitMix64_FromSeed_GivesTheWordsOfItsDefinition()
    {
        // The well-known first outputs for the seed 1234567.
        var mixer = new SplitMix64(1234567);
        ulong[] words = [mixer.Next(), mixer.Next(), mixer.Next(), mixer.Next(), mixer.Next()];
        Assert.Equal([6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821], words);
    }

    [Fact]
    public void Next_FromSeed_GivesTheWordsOfItsDefinition()
    {
        // Computed with an independent implementation in arbitrary-precision integers, seeded by SplitMix64 with 42.
        var random = new Xoshiro256(42);
        ulong[] words = [random.Next(), random.Next(), random.Next(), random.Next()];
        Assert.Equal([1546998764402558742, 6990951692964543102, 12544586762248559009, 17057574109182124193], words);
    }

    [Fact]
    public void Next_Bounded_IsUniform()
    {
        var random = new Xoshiro256(3);
        var counts = new int[6];
        for (var i = 0; i < 60_000; i++)
        {
            counts[random.Next(6)]++;
        }

        // Chi-square with 5 degrees of freedom: 20.5 is exceeded once in a thousand seeds.
        Assert.InRange(counts.Sum(count => Math.Pow(count - 10_000, 2) / 10_000), 0, 20.5);
    }

    [Fact]
    public void Permute_AllSeeds_EveryOrderEquallyOften()
    {
        var orders = new Dictionary<string, int>();
        Span<int> order = stackalloc int[4];
        for (var seed = 0; seed < 24_000; seed++)
        {
            new Xoshiro256(SplitMix64.Derive(seed)).Permute(order);
            var key = string.Join(",", order.ToArray());
            orders[key] = orders.GetValueOrDefault(key) + 1;
        }

        // 24 orders, 23 degrees of freedom: 49.7 is exceeded once in a thousand.
        Assert.Equal(24, orders.Count);
        Assert.InRange(orders.Values.Sum(count => Math.Pow(count - 1000, 2) / 1000), 0, 49.7);
    }

    [Fact]
    public void Derive_OtherCoordinates_GivesOtherSeeds()
    {
        var seeds = new HashSet<ulong>();
        for (var seed = 0; seed < 10; seed++)
        {
            for (var shard = 0; shard < 10; shard++)
            {
                Assert.True(seeds.Add(SplitMix64.Derive(seed, shard)));
                for (var epoch = 0; epoch < 10; epoch++)
                {
                    Assert.True(seeds.Add(SplitMix64.Derive(seed, shard, epoch)));
                }
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Next_NoNumbersToChooseFrom_Throws(int bound)
    {
        var random = new Xoshiro256(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Next(bound));
    }
}
