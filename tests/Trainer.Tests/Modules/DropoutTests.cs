using Serverless.Core.Datasets;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;
using Serverless.Trainer.Modules;
using Serverless.Trainer.Training;
using static TorchSharp.torch;

namespace Serverless.Trainer.Tests.Modules;

public sealed class DropoutTests
{
    private const int Width = 2000;

    [Fact]
    public void Train_SameSeed_DropsTheSameAndScalesTheRest()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        using var batch = Batches.Of(Network(), LabelKind.Value, 1, Enumerable.Repeat(1f, Width).ToArray());
        var input = batch.OnDevice(1).Features;

        var first = Values(module.Train(input, seed: 7));
        var same = Values(module.Train(input, seed: 7));
        var other = Values(module.Train(input, seed: 8));

        Assert.Equal(first, same);
        Assert.NotEqual(first, other);
        Assert.InRange(first.Count(value => value == 0) / (double)Width, 0.2, 0.3);
        Assert.All(first.Where(value => value != 0), value => Assert.Equal(1 / 0.75f, value, 1e-6f));
    }

    [Fact]
    public void Evaluate_AnyInput_DropsNothing()
    {
        using var scope = NewDisposeScope();
        using var module = Module();
        using var batch = Batches.Of(Network(), LabelKind.Value, 1, Enumerable.Repeat(1f, Width).ToArray());

        Assert.All(Values(module.Evaluate(batch.OnDevice(1).Features)), value => Assert.Equal(1, value));
    }

    [Fact]
    public void StepSeed_EveryStep_HasItsOwn()
    {
        var seeds = from job in Enumerable.Range(0, 5)
                    from round in Enumerable.Range(0, 20)
                    from shard in Enumerable.Range(0, 8)
                    from step in Enumerable.Range(0, 16)
                    select StepSeed.Of(job, round, shard, step);

        Assert.Equal(5 * 20 * 8 * 16, seeds.Distinct().Count());
        Assert.All(seeds, seed => Assert.True(seed >= 0));
    }

    private static Network Network() => Core.Networks.Network.Compile(new NetworkSpec([new DropoutSpec(0.25)]), [Width], Width);

    private static NetworkModule Module() => new(Network(), CPU);

    private static float[] Values(Tensor output) => output.data<float>().ToArray();
}
