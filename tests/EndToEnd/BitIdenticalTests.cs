using Serverless.Core.Jobs;
using Serverless.EndToEnd.Installations;
using Serverless.EndToEnd.Processes;

namespace Serverless.EndToEnd;

/// <summary>A job's parameters do not depend on how many trainers share the work, nor on who comes and goes.</summary>
public sealed class BitIdenticalTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Installation _installation = new();

    public async Task InitializeAsync()
    {
        await TestData.ImportAsync(_installation, TestJobs.Dataset, rows: 512, testRows: 128);
        await _installation.StartHostAsync();
    }

    public Task DisposeAsync() => _installation.DisposeAsync().AsTask();

    [Theory]
    [InlineData(1, Aggregation.Trainers)]
    [InlineData(8, Aggregation.Trainers)]
    [InlineData(1, Aggregation.Function)]
    [InlineData(8, Aggregation.Function)]
    public async Task ParametersSha256_OneToFourTrainers_Same(int localSteps, Aggregation aggregation)
    {
        // Where a function reduces, a round takes as long as messages and polling do.
        var rounds = aggregation == Aggregation.Function ? 12 : localSteps == 1 ? 80 : 30;
        var spec = localSteps == 1 ? TestJobs.EveryStep(rounds, aggregation) : TestJobs.EightSteps(rounds, aggregation);
        var results = new List<string?>();
        for (var trainers = 1; trainers <= 4; trainers++)
        {
            _installation.StartTrainer();
            await _installation.WaitForTrainersAsync(Patience);
            var job = await _installation.Jobs.SubmitAsync(spec);
            results.Add((await EndAsync(job)).ParametersSha256);

            var worked = await _installation.TrainersOfAsync(job);
            Assert.True(worked.Count == trainers, $"{trainers} trainers ran, {string.Join(", ", worked)} worked.{Environment.NewLine}{_installation.Log.Tail()}");
        }

        Assert.Single(results.Distinct());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task ParametersSha256_TrainersJoinAndLeave_Same(int localSteps)
    {
        var spec = localSteps == 1 ? TestJobs.EveryStep(rounds: 400) : TestJobs.EightSteps(rounds: 120);
        var first = _installation.StartTrainer();
        var alone = await EndAsync(await _installation.Jobs.SubmitAsync(spec));

        var job = await _installation.Jobs.SubmitAsync(spec);
        await _installation.WaitForRoundAsync(job, spec.Rounds!.Value / 8, Patience);
        var second = _installation.StartTrainer();
        var third = _installation.StartTrainer();
        await WaitForWorkAsync(job, second, third);
        first.Terminate();
        Assert.Equal(0, await first.ExitAsync(Patience));
        third.Kill();
        var fourth = _installation.StartTrainer();
        await WaitForWorkAsync(job, fourth);
        Assert.Null((await _installation.Jobs.GetStatusAsync(job))!.Ended);

        Assert.Equal(alone.ParametersSha256, (await EndAsync(job)).ParametersSha256);
    }

    private async Task<JobResult> EndAsync(string job)
    {
        try
        {
            var status = await _installation.WaitForEndAsync(job, Patience);
            Assert.True(status.State == JobState.Succeeded, status.Failure);
            return status.Result!;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{e.Message}{Environment.NewLine}{_installation.Log.Tail()}", e);
        }
    }

    /// <summary>Waits until each of the trainers has contributed.</summary>
    private async Task WaitForWorkAsync(string job, params ProductProcess[] trainers)
    {
        var end = DateTime.UtcNow + Patience;
        while (await _installation.TrainersOfAsync(job) is var worked && !trainers.All(trainer => worked.Contains(trainer.Name)))
        {
            Assert.True(DateTime.UtcNow < end, $"Only {string.Join(", ", worked)} worked.{Environment.NewLine}{_installation.Log.Tail()}");
            await Task.Delay(100);
        }
    }
}
