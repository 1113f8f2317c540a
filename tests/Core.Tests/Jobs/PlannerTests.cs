using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;
using Serverless.Core.Validation;

namespace Serverless.Core.Tests.Jobs;

public sealed class PlannerTests
{
    [Fact]
    public void Plan_Epochs_GivesEnoughStepsAndRounds()
    {
        var spec = SampleJobs.Spec(shards: 3, localSteps: 4) with { Rounds = null, Epochs = 1.5, BatchSize = 10 };

        var plan = Planner.Plan("job", spec, SampleJobs.Dataset(rows: 1000));

        // 334 rows in the largest shard make 34 batches of at most 10; 51 steps make 13 rounds, the last of 3 steps.
        Assert.Equal((34, 51L, 13), (plan.StepsPerEpoch, plan.TotalSteps, plan.Rounds));
        Assert.Equal((4, 3, 0), (plan.StepsIn(0), plan.StepsIn(12), plan.StepsIn(13)));
        Assert.Equal(8, plan.EvaluateEvery);
    }

    [Fact]
    public void Plan_Rounds_GivesWholeRounds()
    {
        var plan = Planner.Plan("job", SampleJobs.Spec(localSteps: 4, rounds: 7), SampleJobs.Dataset());

        Assert.Equal((7, 28L), (plan.Rounds, plan.TotalSteps));
        Assert.Equal(4, plan.EvaluateEvery);
    }

    [Fact]
    public void Plan_AnyShardsAndRows_CoversEveryRowOnceInEqualSlices()
    {
        var sizes = from shards in Gen.Choose(1, 64) from rows in Gen.Choose(64, 5000) from testRows in Gen.Choose(0, 500) select (shards, rows, testRows);
        Prop.ForAll(sizes.ToArbitrary(), size =>
        {
            var plan = Planner.Plan("job", SampleJobs.Spec(size.shards), SampleJobs.Dataset(size.rows, size.testRows));

            Assert.Equal(size.shards, plan.Shards.Count);
            Assert.Equal((0L, 0L), (plan.Shards[0].FirstRow, plan.Shards[0].FirstTestRow));
            Assert.All(plan.Shards.Zip(plan.Shards.Skip(1)), pair =>
            {
                Assert.Equal(pair.First.FirstRow + pair.First.Rows, pair.Second.FirstRow);
                Assert.Equal(pair.First.FirstTestRow + pair.First.TestRows, pair.Second.FirstTestRow);
                Assert.InRange(pair.First.Rows - pair.Second.Rows, 0, 1);
            });
            Assert.Equal(size.rows, plan.Shards.Sum(shard => shard.Rows));
            Assert.Equal(size.testRows, plan.Shards.Sum(shard => shard.TestRows));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Plan_Twice_GivesTheSameBytes()
    {
        var spec = SampleJobs.Spec(shards: 5);

        Assert.Equal(Planner.Plan("job", spec, SampleJobs.Dataset()).ToJson(), Planner.Plan("job", spec, SampleJobs.Dataset()).ToJson());
    }

    [Fact]
    public void Parse_StoredPlan_GivesItBack()
    {
        var json = Planner.Plan("job", SampleJobs.Spec(), SampleJobs.Dataset()).ToJson();

        Assert.Equal(json, JobPlan.Parse(json).ToJson());
    }

    [Fact]
    public void Plan_MoreShardsThanRows_NamesTheLegalRange()
    {
        var error = Error(SampleJobs.Spec(shards: 1024), rows: 1000);

        Assert.Equal("shards", error.Field);
        Assert.Contains("is 1024; legal 1..1000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_BatchesOfOneOnUnequalShards_IsAnErrorAboutTheBatchSize() =>
        Assert.Equal("batchSize", Error(SampleJobs.Spec(shards: 3) with { BatchSize = 1 }, rows: 1000).Field);

    [Fact]
    public void Plan_LossForAnotherKindOfLabel_SaysWhichOneFits()
    {
        var error = Assert.Single(Assert.Throws<ValidationException>(() => Planner.Plan("job", SampleJobs.Spec(), SampleJobs.Dataset(classes: 0))).Errors);

        Assert.Equal("loss", error.Field);
        Assert.Contains("meanSquaredError", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_NetworkThatDoesNotFit_NamesTheLayer()
    {
        var spec = SampleJobs.Spec() with { Network = new NetworkSpec([new FlattenSpec(), new Conv2dSpec(4, new Size2(3)), new LinearSpec()]) };

        Assert.StartsWith("network.layers[1]", Error(spec, rows: 1000).Field, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_EpochsThatTakeTooManyRounds_IsAnErrorThatSaysHowManyItWouldTake()
    {
        var error = Error(SampleJobs.Spec() with { Rounds = null, Epochs = 100_000 }, rows: 1000);

        Assert.Equal("epochs", error.Field);
        Assert.Contains("1600000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IsEvaluationDue_WithoutTestRows_IsNever()
    {
        var plan = Planner.Plan("job", SampleJobs.Spec(rounds: 5) with { EvaluateEvery = 2 }, SampleJobs.Dataset(testRows: 0));

        Assert.DoesNotContain(Enumerable.Range(0, 6), plan.IsEvaluationDue);
    }

    [Fact]
    public void IsEvaluationDue_WithTestRows_IsEverySoManyRoundsAndAtTheEnd()
    {
        var plan = Planner.Plan("job", SampleJobs.Spec(rounds: 5) with { EvaluateEvery = 2 }, SampleJobs.Dataset());

        Assert.Equal([2, 4, 5], Enumerable.Range(0, 6).Where(plan.IsEvaluationDue));
    }

    private static FieldError Error(JobSpec spec, long rows) =>
        Assert.Single(Assert.Throws<ValidationException>(() => Planner.Plan("job", spec, SampleJobs.Dataset(rows))).Errors);
}
