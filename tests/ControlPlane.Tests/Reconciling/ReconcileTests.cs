using Microsoft.Azure.Functions.Worker;
using Serverless.ControlPlane.Reconciling;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;

namespace Serverless.ControlPlane.Tests.Reconciling;

[Collection(ControlPlaneCollection.Name)]
public sealed class ReconcileTests(ControlPlaneApp app) : IAsyncLifetime
{
    // Where a function reduces, every round ends with a checkpoint in storage.
    private const string EveryRound = "\"aggregation\":\"function\"";

    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(6);

    public Task InitializeAsync() => app.ResetAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Reconcile_JobWhoseHintWasLost_IsHintedAgainOnce()
    {
        var job = await app.Jobs.SubmitAsync(ControlPlaneApp.Spec());
        await app.TakeAsync(StorageNames.TrainingJobsQueue);

        await ReconcileAsync();
        Assert.Empty(await app.TakeAsync(StorageNames.TrainingJobsQueue));
        app.Time.Ahead = Stalled;
        await ReconcileAsync();
        await ReconcileAsync();

        Assert.Equal([$$"""{"job":"{{job}}"}"""], await app.TakeAsync(StorageNames.TrainingJobsQueue));
    }

    [Fact]
    public async Task Reconcile_HintLostAgainAndAgain_IsRepeatedSoonAndThenMoreSeldom()
    {
        await app.Jobs.SubmitAsync(ControlPlaneApp.Spec());
        var sent = new List<int>();
        for (var seconds = 0; seconds <= 60; seconds += 2)
        {
            await app.TakeAsync(StorageNames.TrainingJobsQueue);
            app.Time.Ahead = TimeSpan.FromSeconds(seconds);
            await ReconcileAsync();
            if ((await app.TakeAsync(StorageNames.TrainingJobsQueue)).Count > 0)
            {
                sent.Add(seconds);
            }
        }

        // Pauses of 3, 6, 12 and 24 seconds, less what the test itself takes.
        Assert.InRange(sent.Count, 4, 8);
        Assert.InRange(sent[1] - sent[0], 2, 6);
    }

    [Fact]
    public async Task Reconcile_PlannedJobWhoseShardHintsWereLost_OffersItsShards()
    {
        var job = await app.PlanAsync();
        await app.TakeAsync(StorageNames.TrainingShardsQueue);
        app.Time.Ahead = Stalled;

        await ReconcileAsync();

        Assert.Equal(Shards(job, 0, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    [Fact]
    public async Task Reconcile_HintsStillWaiting_AddsNone()
    {
        var job = await app.PlanAsync();
        for (var i = 1; i < 20; i++)
        {
            app.Time.Ahead = i * TimeSpan.FromMinutes(2);
            await ReconcileAsync();
        }

        Assert.Equal(Shards(job, 0, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    [Fact]
    public async Task Reconcile_ShardWhoseTrainerDied_OffersThatShardWithinSeconds()
    {
        var job = await app.PlanAsync();
        await app.TakeAsync(StorageNames.TrainingShardsQueue);
        var ownership = app.Get<ShardOwnership>();
        var living = await ownership.TryClaimAsync(job.Id, 0, "living", 0);
        await ownership.TryClaimAsync(job.Id, 1, "dead", 0);

        app.Time.Ahead = Stalled;
        await ownership.RenewAsync(living!, 0);
        await ReconcileAsync();

        Assert.Equal(Shards(job, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    [Fact]
    public async Task Reconcile_HintTakenByATrainerThatDiedAtOnce_OffersAgain()
    {
        var job = await app.PlanAsync();
        app.Time.Ahead = Stalled;
        for (var i = 0; i < 3; i++)
        {
            await app.TakeAsync(StorageNames.TrainingShardsQueue);
            await ReconcileAsync();
        }

        Assert.Equal(Shards(job, 0, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    [Fact]
    public async Task Reconcile_CheckpointsNowAndThen_OffersEveryShardThatNobodyHas()
    {
        // The trainers may have been rounds further than the newest checkpoint when they died.
        var job = await app.PlanAsync();
        Assert.NotEqual(1, job.Plan.CheckpointEvery);
        await app.TakeAsync(StorageNames.TrainingShardsQueue);
        await new HandTrainer(app, job).ContributeAsync(0);
        app.Time.Ahead = Stalled;

        await ReconcileAsync();

        Assert.Equal(Shards(job, 0, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
        Assert.Empty(await app.TakeAsync(StorageNames.RoundContributionsQueue));
    }

    [Fact]
    public async Task Reconcile_ShardThatContributed_IsNotOffered()
    {
        var job = await app.PlanAsync(EveryRound);
        await app.TakeAsync(StorageNames.TrainingShardsQueue);
        await new HandTrainer(app, job).ContributeAsync(0, 0.25f, 0);
        app.Time.Ahead = Stalled;

        await ReconcileAsync();

        Assert.Equal(Shards(job, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    [Fact]
    public async Task Reconcile_RoundThatNobodyReduced_IsHinted()
    {
        var job = await app.PlanAsync(EveryRound);
        await new HandTrainer(app, job).ContributeAsync(0);
        app.Time.Ahead = Stalled;

        await ReconcileAsync();

        Assert.Equal([$$"""{"job":"{{job.Id}}","round":0}"""], await app.TakeAsync(StorageNames.RoundContributionsQueue));
    }

    [Fact]
    public async Task Reconcile_TrainedJobNotEvaluated_OffersTheShardsThatAreMissing()
    {
        var job = await app.PlanAsync();
        var trainer = new HandTrainer(app, job);
        await trainer.TrainAsync();
        await trainer.EvaluateAsync(0, 0);
        await app.TakeAsync(StorageNames.TrainingShardsQueue);
        app.Time.Ahead = Stalled;

        await ReconcileAsync();

        Assert.Equal(Shards(job, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
        Assert.Empty(await app.TakeAsync(StorageNames.ModelPublicationsQueue));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reconcile_EvaluatedJobNotPublished_IsHinted(bool begun)
    {
        var job = await app.PlanAsync();
        var trainer = new HandTrainer(app, job);
        await trainer.TrainAsync();
        await trainer.EvaluateAsync();
        if (begun)
        {
            await app.Jobs.UpdateStatusAsync(job.Id, status => status with { State = JobState.Publishing });
        }

        app.Time.Ahead = Stalled;
        await ReconcileAsync();

        Assert.Equal([$$"""{"job":"{{job.Id}}"}"""], await app.TakeAsync(StorageNames.ModelPublicationsQueue));
    }

    [Fact]
    public async Task Reconcile_DeadlineOver_FailsTheJobWithHowFarItCame()
    {
        var job = await app.PlanAsync("\"deadline\":\"00:01:00\"");
        await app.Jobs.UpdateStatusAsync(job.Id, status => status with { Round = 3 });

        app.Time.Ahead = TimeSpan.FromSeconds(50);
        await ReconcileAsync();
        Assert.Equal(JobState.Running, (await app.Jobs.GetStatusAsync(job.Id))!.State);
        app.Time.Ahead = TimeSpan.FromSeconds(61);
        await ReconcileAsync();

        var status = (await app.Jobs.GetStatusAsync(job.Id))!;
        Assert.Equal(JobState.Failed, status.State);
        Assert.Equal("the deadline of 00:01:00 is over: 3 of 4 rounds were trained", status.Failure);
    }

    [Fact]
    public async Task Reconcile_TrainersThatKeepDying_FailTheJob()
    {
        var job = await app.PlanAsync();
        var ownership = app.Get<ShardOwnership>();
        for (var attempt = 0; attempt < JobLimits.AttemptsPerRound; attempt++)
        {
            Assert.Equal(JobState.Running, (await app.Jobs.GetStatusAsync(job.Id))!.State);
            Assert.NotNull(await ownership.TryClaimAsync(job.Id, 1, $"trainer-{attempt}", 0));
            app.Time.Ahead += Stalled;
            await ReconcileAsync();
        }

        var status = (await app.Jobs.GetStatusAsync(job.Id))!;
        Assert.Equal(JobState.Failed, status.State);
        Assert.Contains("shard 1 did not get through round 0 in 20 attempts", status.Failure, StringComparison.Ordinal);
        Assert.Contains("trainer-19", status.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_StorageThatLostNewestBlobs_PlansAgain()
    {
        var job = await app.PlanAsync();
        await app.TakeAsync(StorageNames.TrainingShardsQueue);
        await app.Storage.Jobs.DeleteBlobAsync(JobBlobs.Plan(job.Id));
        await app.Storage.Jobs.DeleteBlobAsync(JobBlobs.Checkpoint(job.Id, 0));
        app.Time.Ahead = Stalled;

        await ReconcileAsync();

        Assert.Equal(job.Plan.ToJson(), (await app.Jobs.GetPlanAsync(job.Id))!.ToJson());
        Assert.Equal(0, await app.Rounds.LatestCheckpointAsync(job.Id));
        Assert.Equal(Shards(job, 0, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    [Fact]
    public async Task Reconcile_StorageThatLostTheSpec_FailsTheJobAndSaysSo()
    {
        var job = await app.PlanAsync();
        await app.Storage.Jobs.DeleteBlobAsync(JobBlobs.Spec(job.Id));

        await ReconcileAsync();

        var status = (await app.Jobs.GetStatusAsync(job.Id))!;
        Assert.Equal(JobState.Failed, status.State);
        Assert.StartsWith("its spec is lost", status.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_SubmissionThatDiedHalfWay_IsFinished()
    {
        var job = await app.Jobs.SubmitAsync(ControlPlaneApp.Spec());
        await app.Storage.Jobs.DeleteBlobAsync(JobBlobs.Status(job));
        await app.TakeAsync(StorageNames.TrainingJobsQueue);

        await ReconcileAsync();

        Assert.Equal(JobState.Submitted, (await app.Jobs.GetStatusAsync(job))!.State);
        Assert.Single(await app.TakeAsync(StorageNames.TrainingJobsQueue));
    }

    [Fact]
    public async Task Reconcile_SubmissionWithoutASpec_IsDroppedAfterAWhile()
    {
        var job = JobId.New(app.Time.GetUtcNow());
        await app.Storage.Jobs.GetBlobClient(JobBlobs.Active(job)).UploadAsync(BinaryData.FromString(""));

        await ReconcileAsync();
        Assert.True(await app.Storage.Jobs.GetBlobClient(JobBlobs.Active(job)).ExistsAsync());
        app.Time.Ahead = TimeSpan.FromMinutes(11);
        await ReconcileAsync();

        Assert.False(await app.Storage.Jobs.GetBlobClient(JobBlobs.Active(job)).ExistsAsync());
    }

    [Fact]
    public async Task Reconcile_OneJobThatIsDamaged_DoesNotKeepTheOthersWaiting()
    {
        var damaged = await app.PlanAsync();
        var job = await app.PlanAsync();
        await app.Storage.Jobs.GetBlobClient(JobBlobs.Plan(damaged.Id)).UploadAsync(BinaryData.FromString("damaged"), overwrite: true);
        await app.TakeAsync(StorageNames.TrainingShardsQueue);
        app.Time.Ahead = Stalled;

        await ReconcileAsync();

        Assert.Equal(Shards(job, 0, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    [Fact]
    public async Task Reconcile_EndedJobs_CostNothing()
    {
        var job = await app.PlanAsync();
        await app.Jobs.FailAsync(job.Id, "enough");
        var before = app.Storage.Traffic.Snapshot().Sum(count => count.Operations);

        await ReconcileAsync();

        Assert.Equal(1, app.Storage.Traffic.Snapshot().Sum(count => count.Operations) - before);
    }

    private static IEnumerable<string> Shards(TrainingJob job, params int[] shards) => shards.Select(shard => $$"""{"job":"{{job.Id}}","shard":{{shard}}}""");

    private Task ReconcileAsync() => app.Functions<ReconcileFunctions>().Reconcile(new TimerInfo(), CancellationToken.None);
}
