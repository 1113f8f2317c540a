using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;

namespace Serverless.Core.Tests.Jobs;

public sealed class CheckpointIntervalTests
{
    private static readonly JobSpec Cheap = new()
    {
        Dataset = "sample",
        Network = new NetworkSpec([new LinearSpec(256), new ReluSpec(), new LinearSpec()]),
        Shards = 2,
        BatchSize = 64,
        LocalSteps = 16,
    };

    [Fact]
    public void Of_QuickRounds_AreAsManyAsCanBeComputedAgainSoon()
    {
        // 2 x 784 x 256 operations, and three times as many in training: about 1.2 billion a round.
        Assert.InRange(Of(Cheap with { Network = new NetworkSpec([new LinearSpec(256), new LinearSpec()]) }), 30, CheckpointInterval.Most);
        Assert.InRange(Of(Cheap with { LocalSteps = 160 }), 3, 5);
        Assert.Equal(1, Of(Cheap with { LocalSteps = 16_000 }));
        Assert.Equal(CheckpointInterval.Most, Of(Cheap with { LocalSteps = 1, BatchSize = 1 }));
    }

    [Fact]
    public void Of_LargeContributions_KeepsFewInStorage() =>
        Assert.Equal(256 / (4 * 2 * 8), Of(Cheap with { LocalSteps = 1, BatchSize = 1, Network = new NetworkSpec([new LinearSpec(10_490), new LinearSpec()]) }));

    [Fact]
    public void Of_OtherTrainersThatWaitForTheCheckpoint_IsEveryRound()
    {
        Assert.Equal(1, Of(Cheap with { Aggregation = Aggregation.Function }));
        Assert.Equal(1, Of(Cheap with { Shards = CheckpointInterval.MostShards + 1 }));
        Assert.NotEqual(1, Of(Cheap with { Shards = CheckpointInterval.MostShards }));
    }

    [Fact]
    public void IsCheckpointDue_Plan_IsEveryIntervalAfterAnEvaluationAndAtTheEnd()
    {
        var plan = SampleJobs.Planned(SampleJobs.Spec(rounds: 70) with { EvaluateEvery = 40 }).Plan with { TestRows = 10 };
        Assert.Equal(32, plan.CheckpointEvery);

        Assert.Equal([0, 32, 41, 64, 70], Enumerable.Range(0, 71).Where(plan.IsCheckpointDue));
        Assert.Equal([0, 0, 32, 32, 41, 64], ((int[])[0, 32, 33, 41, 64, 70]).Select(plan.CheckpointBefore));
    }

    private static int Of(JobSpec spec) => CheckpointInterval.Of(spec, Network.Compile(spec.Network, [784], 10));
}
