using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Rounds;

namespace Serverless.Core.Tests.Rounds;

public sealed class MagnitudePruningTests
{
    private const string Convolution = """{"type": "conv2d", "filters": 4, "kernel": 3}, {"type": "flatten"}, {"type": "linear"}""";
    private const string Linear = """{"type": "linear"}""";

    [Fact]
    public void Apply_Unstructured_TakesTheSmallestOfEachTensorAndNoBias()
    {
        var layout = Layout(Linear, [4], outputs: 2);
        float[] trainable = [5, -1, 3, 0.5f, -0.1f, 2, 4, 6, 0.01f, 0.02f];

        new MagnitudePruning(new PruningSpec { Sparsity = 0.5, Begin = 0, End = 0.5 }, layout, rounds: 2).Apply(1, trainable);

        Assert.Equal([5, 0, 3, 0, 0, 0, 4, 6, 0.01f, 0.02f], trainable);
    }

    [Fact]
    public void Apply_EquallyLargeWeights_TakesAsManyAsAskedForAlways()
    {
        var layout = Layout(Linear, [4], outputs: 2);
        float[] trainable = [1, 1, -1, 1, 1, -1, 1, 1, 9, 9];

        new MagnitudePruning(new PruningSpec { Sparsity = 0.375, Begin = 0, End = 0.5 }, layout, rounds: 2).Apply(1, trainable);

        Assert.Equal([0, 0, 0, 1, 1, -1, 1, 1, 9, 9], trainable);
    }

    [Fact]
    public void Apply_RoundAfterRound_GrowsFastAtFirstAndEndsAtTheShareAskedFor()
    {
        var layout = Layout(Linear, [100], outputs: 10);
        var random = new Random(2);
        float[] trainable = [.. Enumerable.Range(0, layout.TrainableLength).Select(_ => random.NextSingle() - 0.5f)];
        var pruning = new MagnitudePruning(new PruningSpec { Sparsity = 0.8, Begin = 0.25, End = 0.75 }, layout, rounds: 40);

        var shares = new List<double>();
        for (var checkpoint = 1; checkpoint <= 40; checkpoint++)
        {
            pruning.Apply(checkpoint, trainable);
            shares.Add(pruning.SparsityOf(trainable));
        }

        Assert.All(shares.Take(10), share => Assert.Equal(0, share));
        Assert.Equal(0.8 * (1 - Math.Pow(0.5, 3)), shares[19], 0.001);
        Assert.All(shares.Skip(29), share => Assert.Equal(0.8, share));
        Assert.Equal(shares.Order(), shares);
        Assert.Equal((false, true), (pruning.HasBegun(10), pruning.HasBegun(11)));
    }

    [Theory]
    [InlineData(Linear, 12)]
    [InlineData(Convolution, 8)]
    public void Apply_TwoOfFour_LeavesTwoOfFourNeighbouringInputs(string layers, int inputs)
    {
        var layout = Layout(layers, layers == Linear ? [inputs] : [inputs, 5, 5], outputs: 3);
        var random = new Random(4);
        float[] before = [.. Enumerable.Range(0, layout.TrainableLength).Select(_ => random.NextSingle() + 0.1f)];
        float[] after = [.. before];

        new MagnitudePruning(new PruningSpec { Pattern = PruningPattern.TwoOfFour, Begin = 0, End = 0.5 }, layout, rounds: 2).Apply(1, after);

        var slot = layout.Slots[0];
        var stride = slot.Length / (slot.Shape[0] * inputs);
        for (var group = 0; group < slot.Shape[0] * inputs / 4; group++)
        {
            for (var position = 0; position < stride; position++)
            {
                int[] places = [.. Enumerable.Range(0, 4).Select(i => slot.Offset + (((group * 4) + i) * stride) + position)];
                var kept = places.OrderByDescending(place => before[place]).Take(2).Order();
                Assert.Equal(kept, places.Where(place => after[place] != 0));
                Assert.All(kept, place => Assert.Equal(before[place], after[place]));
            }
        }
    }

    [Fact]
    public void Freeze_PrunedWeights_TakeTheirValuesAlongAndNoOthers()
    {
        var layout = Layout(Linear, [4], outputs: 1);
        float[] values = [1, 2, 3, 4, 5];

        new MagnitudePruning(new PruningSpec(), layout, rounds: 2).Freeze([0, 1, 0, -1, 0], values);

        // The last is a bias.
        Assert.Equal([0, 2, 0, 4, 5], values);
    }

    private static ParameterLayout Layout(string layers, int[] input, int outputs) =>
        Network.Compile(NetworkSpec.Parse($$"""{"layers": [{{layers}}]}"""), input, outputs).Layout;
}
