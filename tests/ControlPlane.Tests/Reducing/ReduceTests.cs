using Serverless.ControlPlane.Reducing;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;

namespace Serverless.ControlPlane.Tests.Reducing;

[Collection(ControlPlaneCollection.Name)]
public sealed class ReduceTests(ControlPlaneApp app) : IAsyncLifetime
{
    public Task InitializeAsync() => app.ResetAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task ReduceRound_AllContributionsThere_WritesTheNextCheckpointOnceHoweverOftenItIsAsked()
    {
        var job = await app.PlanAsync("\"aggregation\":\"function\"");
        var trainer = new HandTrainer(app, job);
        await trainer.ContributeAsync(0);
        var start = new Checkpoint(job.Layout);
        await app.Rounds.TryReadCheckpointAsync(job.Id, 0, start);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReduceAsync(job.Id, 0)));
        var result = new Checkpoint(job.Layout);
        Assert.True(await app.Rounds.TryReadCheckpointAsync(job.Id, 1, result));

        // Gradients of 0.25 and 0.5 with equal weights, learning rate 0.1.
        Assert.Equal(start.Trainable[0] - (0.1f * 0.375f), result.Trainable[0], 1e-6f);
        Assert.Equal(1, await app.Rounds.LatestCheckpointAsync(job.Id));
    }

    [Fact]
    public async Task ReduceRound_ContributionMissing_ChangesNothing()
    {
        var job = await app.PlanAsync();
        await new HandTrainer(app, job).ContributeAsync(0, 0.25f, 1);

        await ReduceAsync(job.Id, 0);
        await ReduceAsync(job.Id, 3);
        await ReduceAsync(job.Id, 4);

        Assert.Equal(0, await app.Rounds.LatestCheckpointAsync(job.Id));
        Assert.Equal(JobState.Running, (await app.Jobs.GetStatusAsync(job.Id))!.State);
    }

    [Fact]
    public async Task ReduceRound_GradientThatIsNoNumber_FailsTheJobWithTheRound()
    {
        var job = await app.PlanAsync();
        await new HandTrainer(app, job).ContributeAsync(0, float.NaN);

        await ReduceAsync(job.Id, 0);

        var status = (await app.Jobs.GetStatusAsync(job.Id))!;
        Assert.Equal(JobState.Failed, status.State);
        Assert.Contains("round 0", status.Failure, StringComparison.Ordinal);
        Assert.Equal(0, await app.Rounds.LatestCheckpointAsync(job.Id));
        Assert.Single(await app.TakeAsync(StorageNames.Poison(StorageNames.RoundContributionsQueue)));
    }

    private Task ReduceAsync(string job, int round) =>
        app.Functions<ReduceFunctions>().Reduce(ControlPlaneApp.Message(new RoundMessage(job, round).ToBinaryData()), CancellationToken.None);
}
