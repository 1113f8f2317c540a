using System.Text;
using Serverless.ControlPlane.Planning;
using Serverless.Core.Jobs;
using Serverless.Core.Storage;

namespace Serverless.ControlPlane.Tests.Planning;

[Collection(ControlPlaneCollection.Name)]
public sealed class PlanTests(ControlPlaneApp app) : IAsyncLifetime
{
    public Task InitializeAsync() => app.ResetAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task PlanJob_SubmittedJob_WritesPlanAndFirstCheckpointAndOffersEachShardOnce()
    {
        var job = await app.Jobs.SubmitAsync(ControlPlaneApp.Spec());

        await PlanAsync(Hint(job));
        await PlanAsync(Hint(job));

        Assert.Equal(0, await app.Rounds.LatestCheckpointAsync(job));
        Assert.Equal(2, (await app.Jobs.GetPlanAsync(job))!.Shards.Count);
        var status = (await app.Jobs.GetStatusAsync(job))!;
        Assert.Equal((JobState.Running, 4), (status.State, status.Rounds));
        Assert.Equal(Shards(job, 0, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    [Fact]
    public async Task PlanJob_CrashedAfterAnyStep_IsFinishedByTheNextDelivery()
    {
        var job = await app.Jobs.SubmitAsync(ControlPlaneApp.Spec());
        await app.Get<PlanHandler>().EnsurePlannedAsync(job, CancellationToken.None);
        var plan = (await app.Jobs.GetPlanAsync(job))!.ToJson();

        await PlanAsync(Hint(job));

        Assert.Equal(plan, (await app.Jobs.GetPlanAsync(job))!.ToJson());
        Assert.Equal(Shards(job, 0, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    [Fact]
    public async Task PlanJob_BareSpecDeliveredTwice_IsOneJob()
    {
        var body = BinaryData.FromString(ControlPlaneApp.SpecJson("\"name\":\"by queue\""));

        await PlanAsync(body, id: "11111111-d9cb-469f-a165-70867728950e");
        await PlanAsync(body, id: "11111111-d9cb-469f-a165-70867728950e");

        var job = Assert.Single(await ActiveAsync());
        Assert.StartsWith("20261120-183000-", job, StringComparison.Ordinal);
        Assert.Equal(JobState.Running, (await app.Jobs.GetStatusAsync(job))!.State);
        Assert.Equal(Shards(job, 0, 1), await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    [Fact]
    public async Task PlanJob_BareSpecWithErrors_IsAFailedJobWithTheReasonAndAPoisonMessage()
    {
        var body = BinaryData.FromString(ControlPlaneApp.SpecJson("\"shardz\":3"));

        await PlanAsync(body, id: "22222222-d9cb-469f-a165-70867728950e");

        var job = JobId.FromMessage(new DateTimeOffset(2026, 11, 20, 18, 30, 0, TimeSpan.Zero), "22222222-d9cb-469f-a165-70867728950e");
        var (_, details) = await app.GetAsync($"api/jobs/{job}");
        Assert.Equal("failed", details.GetProperty("state").GetString());
        Assert.Contains("shardz", details.GetProperty("failure").GetString(), StringComparison.Ordinal);
        Assert.Contains("shards", details.GetProperty("failure").GetString(), StringComparison.Ordinal);
        Assert.Equal([body.ToString()], await app.TakeAsync(StorageNames.Poison(StorageNames.TrainingJobsQueue)));
        Assert.Empty(await ActiveAsync());
    }

    [Fact]
    public async Task PlanJob_DatasetThatIsGone_FailsTheJobNamingThoseThereAre()
    {
        var job = await app.Jobs.SubmitAsync(ControlPlaneApp.Spec("\"dataset\":\"gone\""));

        await PlanAsync(Hint(job));

        var status = (await app.Jobs.GetStatusAsync(job))!;
        Assert.Equal(JobState.Failed, status.State);
        Assert.Contains("'gone' does not exist", status.Failure, StringComparison.Ordinal);
        Assert.Contains("shapes", status.Failure, StringComparison.Ordinal);
        Assert.Single(await app.TakeAsync(StorageNames.Poison(StorageNames.TrainingJobsQueue)));
        Assert.Empty(await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{\"job\":\"../../etc\"}")]
    [InlineData("{\"job\":\"20261120-183000-zzzzzzzz\"}")]
    [InlineData("")]
    public async Task PlanJob_MessageAboutNothing_GoesToThePoisonQueue(string body)
    {
        await PlanAsync(BinaryData.FromBytes(Encoding.UTF8.GetBytes(body)), id: $"33333333-{body.Length}");

        Assert.Equal([body], await app.TakeAsync(StorageNames.Poison(StorageNames.TrainingJobsQueue)));
    }

    [Fact]
    public async Task PlanJob_FailureThatMayPass_IsThrownForAnotherDeliveryAndTheLastOneFailsTheJob()
    {
        var job = await app.Jobs.SubmitAsync(ControlPlaneApp.Spec());
        var plan = app.Storage.Jobs.GetBlobClient(JobBlobs.Plan(job));
        await plan.UploadAsync(BinaryData.FromString("damaged"));

        await Assert.ThrowsAsync<InvalidDataException>(() => PlanAsync(Hint(job), attempts: 4));
        Assert.Equal(JobState.Submitted, (await app.Jobs.GetStatusAsync(job))!.State);
        await Assert.ThrowsAsync<InvalidDataException>(() => PlanAsync(Hint(job), attempts: 5));

        var status = (await app.Jobs.GetStatusAsync(job))!;
        Assert.Equal(JobState.Failed, status.State);
        Assert.StartsWith("gave up after 5 attempts: ", status.Failure, StringComparison.Ordinal);
        Assert.Empty(await app.TakeAsync(StorageNames.Poison(StorageNames.TrainingJobsQueue)));
    }

    [Fact]
    public async Task PlanJob_CancelledJob_IsLeftAlone()
    {
        var job = await app.Jobs.SubmitAsync(ControlPlaneApp.Spec());
        await app.Jobs.CancelAsync(job);

        await PlanAsync(Hint(job));

        Assert.Null(await app.Jobs.GetPlanAsync(job));
        Assert.Empty(await app.TakeAsync(StorageNames.TrainingShardsQueue));
    }

    private static BinaryData Hint(string job) => new JobMessage(job).ToBinaryData();

    private static IEnumerable<string> Shards(string job, params int[] shards) => shards.Select(shard => $$"""{"job":"{{job}}","shard":{{shard}}}""");

    private Task PlanAsync(BinaryData body, long attempts = 1, string id = "0f8fad5b-d9cb-469f-a165-70867728950e") =>
        app.Functions<PlanFunctions>().Plan(ControlPlaneApp.Message(body, attempts, id), CancellationToken.None);

    private async Task<List<string>> ActiveAsync()
    {
        var active = new List<string>();
        await foreach (var job in app.Jobs.ActiveJobsAsync())
        {
            active.Add(job);
        }

        return active;
    }
}
