using Serverless.Core.Jobs;
using Serverless.Core.Storage;
using Serverless.Core.Tests.Rounds;
using Serverless.Core.Tests.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Jobs;

[Collection(AzuriteCollection.Name)]
public sealed class JobStoreTests(AzuriteServer azurite) : IAsyncLifetime
{
    private readonly SteppedTime _time = new();
    private RoundsBench _bench = null!;

    private JobStore Jobs => _bench.Jobs;

    public Task InitializeAsync()
    {
        _bench = new RoundsBench(azurite, _time);
        return _bench.Storage.CreateAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task SubmitAsync_Spec_IsThereActiveListedAndHinted()
    {
        var job = await Jobs.SubmitAsync(SampleJobs.Spec());

        Assert.Equal(SampleJobs.Spec(), await Jobs.GetSpecAsync(job));
        Assert.Equal((JobState.Submitted, _time.GetUtcNow()), ((await Jobs.GetStatusAsync(job))!.State, (await Jobs.GetStatusAsync(job))!.Submitted));
        Assert.Null(await Jobs.GetPlanAsync(job));
        Assert.Contains(job, await Jobs.ActiveJobsAsync().ToListAsync());
        Assert.Contains(job, (await Jobs.ListAsync(5000)).Jobs);
        var messages = (await _bench.Storage.Queue(StorageNames.TrainingJobsQueue).ReceiveMessagesAsync(32)).Value;
        Assert.Contains(messages, message => Submission.Parse(message.Body).Job == job);
    }

    [Fact]
    public async Task SubmitAsync_SameIdManyTimes_IsOneJobWithTheFirstSpec()
    {
        var job = JobId.New(_time.GetUtcNow());

        await Task.WhenAll(Enumerable.Range(1, 8).Select(shards => Jobs.SubmitAsync(job, SampleJobs.Spec(shards))));
        var first = await Jobs.GetSpecAsync(job);
        await Jobs.SubmitAsync(job, SampleJobs.Spec(shards: 100));

        Assert.Equal(first, await Jobs.GetSpecAsync(job));
        Assert.Single((await Jobs.GetStatusAsync(job))!.Timeline);
    }

    [Fact]
    public async Task SubmitAsync_InterruptedBefore_IsFinished()
    {
        var job = JobId.New(_time.GetUtcNow());
        await Jobs.SubmitAsync(job, SampleJobs.Spec());
        await _bench.Storage.Jobs.DeleteBlobAsync(JobBlobs.Status(job));

        await Jobs.SubmitAsync(job, SampleJobs.Spec());

        Assert.Equal(JobState.Submitted, (await Jobs.GetStatusAsync(job))!.State);
    }

    [Fact]
    public async Task SubmitAsync_EndedJob_DoesNotBecomeActiveAgain()
    {
        var job = await Jobs.SubmitAsync(SampleJobs.Spec());
        await Jobs.CancelAsync(job);

        await Jobs.SubmitAsync(job, SampleJobs.Spec());

        Assert.DoesNotContain(job, await Jobs.ActiveJobsAsync().ToListAsync());
    }

    [Theory]
    [InlineData("..")]
    [InlineData("no-such-job")]
    [InlineData("a/../b")]
    [InlineData("")]
    public async Task Get_NoSuchJob_SaysSo(string job)
    {
        Assert.Null(await Jobs.GetStatusAsync(job));
        Assert.Null(await Jobs.GetPlanAsync(job));
        await Assert.ThrowsAsync<JobNotFoundException>(() => Jobs.GetSpecAsync(job));
        await Assert.ThrowsAsync<JobNotFoundException>(() => Jobs.CancelAsync(job));
    }

    [Fact]
    public async Task CreatePlanAsync_ManyAtOnce_ExactlyOneWins()
    {
        var job = await Jobs.SubmitAsync(SampleJobs.Spec());
        var plans = Enumerable.Range(1, 8).Select(shards => Planner.Plan(job, SampleJobs.Spec(shards), SampleJobs.Dataset())).ToList();

        var won = await Task.WhenAll(plans.Select(plan => Jobs.CreatePlanAsync(plan)));

        Assert.Equal(1, won.Count(winner => winner));
        Assert.Equal(plans[Array.IndexOf(won, true)].ToJson(), (await Jobs.GetPlanAsync(job))!.ToJson());
    }

    [Fact]
    public async Task UpdateStatusAsync_ManyAtOnce_LosesNoChange()
    {
        var job = await Jobs.SubmitAsync(SampleJobs.Spec());
        var stores = Enumerable.Range(0, 8).Select(_ => new RoundsBench(azurite).Jobs).ToList();

        await Task.WhenAll(stores.Select(store => Task.Run(async () =>
        {
            for (var i = 0; i < 5; i++)
            {
                await store.UpdateStatusAsync(job, status => status with { Round = status.Round + 1 });
            }
        })));

        Assert.Equal(40, (await Jobs.GetStatusAsync(job))!.Round);
    }

    [Fact]
    public async Task UpdateStatusAsync_EndedJob_StaysAsItIsAndLeavesTheIndex()
    {
        var job = await Jobs.SubmitAsync(SampleJobs.Spec());
        _time.Advance(TimeSpan.FromMinutes(1));
        await Jobs.FailAsync(job, "the loss is NaN");
        await _bench.Storage.Jobs.UploadBlobAsync(JobBlobs.Active(job), BinaryData.Empty);

        var status = await Jobs.CancelAsync(job);

        Assert.Equal((JobState.Failed, "the loss is NaN", _time.GetUtcNow()), (status.State, status.Failure, status.Ended));
        Assert.Equal("failed: the loss is NaN", status.Timeline[^1].Event);
        Assert.DoesNotContain(job, await Jobs.ActiveJobsAsync().ToListAsync());
    }

    [Fact]
    public async Task UpdateStatusAsync_ThroughALife_StampsWhenThingsHappened()
    {
        var job = await Jobs.SubmitAsync(SampleJobs.Spec());
        _time.Advance(TimeSpan.FromSeconds(5));
        await Jobs.UpdateStatusAsync(job, status => status with { State = JobState.Running, Rounds = 10, Eta = TimeSpan.FromSeconds(1) });
        _time.Advance(TimeSpan.FromSeconds(5));
        await Jobs.UpdateStatusAsync(job, status => status with { State = JobState.Publishing });
        _time.Advance(TimeSpan.FromSeconds(5));

        var status = await Jobs.SucceedAsync(job, new JobResult("abc", "digits", "1", 0.9, 0.1));

        Assert.Equal(
            (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15), status.Ended),
            (status.Started!.Value - status.Submitted, status.Ended!.Value - status.Submitted, status.Updated));
        Assert.Equal((10, 0.9, 0.1, null), (status.Round, status.Accuracy!.Value, status.TestLoss!.Value, status.Eta));
        Assert.Equal("published as digits version 1", status.Timeline[^1].Event);
        Assert.DoesNotContain(job, await Jobs.ActiveJobsAsync().ToListAsync());
    }

    [Fact]
    public async Task UpdateStatusAsync_StepThatIsNone_IsRefused()
    {
        var job = await Jobs.SubmitAsync(SampleJobs.Spec());

        await Assert.ThrowsAsync<InvalidOperationException>(() => Jobs.UpdateStatusAsync(job, status => status with { State = JobState.Publishing }));

        Assert.Equal(JobState.Submitted, (await Jobs.GetStatusAsync(job))!.State);
    }

    [Fact]
    public async Task ListAsync_Pages_GivesAllJobsNewestFirst()
    {
        var jobs = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromDays(1));
            jobs.Insert(0, await Jobs.SubmitAsync(SampleJobs.Spec()));
        }

        var listed = new List<string>();
        string? continuation = null;
        do
        {
            var page = await Jobs.ListAsync(2, continuation);
            Assert.InRange(page.Jobs.Count, 0, 2);
            listed.AddRange(page.Jobs);
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal(jobs, listed.Where(jobs.Contains));
        Assert.Equal(listed.OrderDescending(StringComparer.Ordinal).Select(job => job[..15]), listed.Select(job => job[..15]));
    }
}
