using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Tests.Jobs;

namespace Serverless.Core.Tests.Rounds;

public sealed class RetentionTests
{
    [Fact]
    public void Of_Budget_IsTheRoundsThatFitIntoIt()
    {
        // 3 contributions, and a checkpoint with momentum.
        var job = SampleJobs.Planned(SampleJobs.Spec(shards: 3) with { Aggregation = Aggregation.Function });
        var perRound = 4L * job.Layout.TrainableLength * 5;

        Assert.Equal(100, Retention.Of(job, stateTensors: 1, 100 * perRound).Rounds);
        Assert.Equal(4, Retention.Of(job, stateTensors: 1, 0).Rounds);
        Assert.Equal(2000, Retention.Of(job, stateTensors: 1, long.MaxValue).Rounds);
    }

    [Fact]
    public void Of_ShardsThatKeepTheirState_CountsItToo()
    {
        var spec = SampleJobs.Spec(shards: 3, localSteps: 2) with { Optimizer = new OptimizerSpec { Type = OptimizerKind.Adam }, Aggregation = Aggregation.Function };
        var job = SampleJobs.Planned(spec);
        var perRound = 4L * job.Layout.TrainableLength * ((3 * 3) + 1);

        Assert.Equal(50, Retention.Of(job, stateTensors: 0, 50 * perRound).Rounds);
    }

    [Fact]
    public void Of_CheckpointsNowAndThen_KeepsFourOfThemAndDeletesWhenOneIsMade()
    {
        var job = SampleJobs.Planned(SampleJobs.Spec(shards: 3));
        Assert.Equal(32, job.Plan.CheckpointEvery);
        var perRound = 4L * job.Layout.TrainableLength * 3;

        Assert.Equal(new Retention(4 * 32, 32), Retention.Of(job, stateTensors: 1, 0));
        var (rounds, every) = Retention.Of(job, stateTensors: 1, 1000 * perRound);
        Assert.InRange(rounds, 900, 1000);
        Assert.Equal(0, every % 32);
    }

    [Fact]
    public void IsDue_RoundAfterRound_IsNowAndThenAndNotBeforeThereIsSomethingToDelete()
    {
        Assert.Equal([120, 140, 160, 180, 200], Enumerable.Range(0, 201).Where(new Retention(100, 20).IsDue));
        Assert.Equal([5, 6, 7], Enumerable.Range(0, 8).Where(new Retention(4, 1).IsDue));
    }
}
