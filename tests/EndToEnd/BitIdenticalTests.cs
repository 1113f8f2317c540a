using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.EndToEnd.Installations;
using Serverless.EndToEnd.Processes;

namespace Serverless.EndToEnd;

/// <summary>A job's parameters do not depend on how many trainers share the work, nor on who comes and goes.</summary>
public sealed class BitIdenticalTests(RunningInstallation running) : IClassFixture<RunningInstallation>, IAsyncLifetime
{
    // A job may be over before all who are to join it have come to anything: then a longer one is tried, up to this.
    private const int MostRounds = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Installation _installation = running.Installation;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _installation.StopTrainersAsync();

    [Fact]
    public async Task ParametersSha256_OneToFourTrainersWhoeverReduces_Same()
    {
        const int Rounds = 12;
        Func<Aggregation, JobSpec>[] jobs = [aggregation => TestJobs.EveryStep(Rounds, aggregation), aggregation => TestJobs.EightSteps(Rounds, aggregation)];
        var results = jobs.Select(_ => new List<string>()).ToArray();
        for (var count = 1; count <= 4; count++)
        {
            _installation.StartTrainer();
            await _installation.WaitForTrainersAsync(Patience);

            // Three share four shards unevenly.
            Aggregation[] aggregations = count == 3 ? [Aggregation.Trainers, Aggregation.Function] : [Aggregation.Trainers];
            foreach (var (job, parameters) in jobs.Zip(results))
            {
                foreach (var aggregation in aggregations)
                {
                    parameters.Add(await TrainTogetherAsync(job(aggregation), [.. _installation.Trainers.Select(trainer => trainer.Name)]));
                }
            }
        }

        Assert.All(results, parameters => Assert.Single(parameters.Distinct()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task ParametersSha256_TrainersJoinAndLeave_Same(int localSteps)
    {
        for (var rounds = localSteps == 1 ? 600 : 150; ; rounds *= 2)
        {
            var spec = localSteps == 1 ? TestJobs.EveryStep(rounds) : TestJobs.EightSteps(rounds);
            var first = _installation.StartTrainer();
            var job = await _installation.Jobs.SubmitAsync(spec);
            await _installation.WaitForRoundAsync(job, 1, Patience);
            var second = _installation.StartTrainer();
            var third = _installation.StartTrainer();
            var all = await WorkAsync(job, second, third);
            first.Terminate();
            Assert.Equal(0, await first.ExitAsync(Patience));
            third.Kill();
            all &= await WorkAsync(job, _installation.StartTrainer());
            var disturbed = await EndAsync(job);
            await _installation.StopTrainersAsync();
            if (!all)
            {
                Assert.True(rounds < MostRounds, $"{rounds} rounds were over before all trainers had worked.{Environment.NewLine}{_installation.Log.Tail()}");
                continue;
            }

            _installation.StartTrainer();
            Assert.Equal((await EndAsync(await _installation.Jobs.SubmitAsync(spec))).ParametersSha256, disturbed.ParametersSha256);
            return;
        }
    }

    /// <summary>Runs a job of whose shards each trainer was dealt one before it began: so small a job one alone would have done before the others have seen it.</summary>
    private async Task<string> TrainTogetherAsync(JobSpec spec, string[] trainers)
    {
        var job = JobId.New(DateTimeOffset.UtcNow);
        var ownership = new ShardOwnership(_installation.Storage, TimeProvider.System, new OwnershipOptions { Lease = Patience });
        foreach (var (shard, trainer) in trainers.Index())
        {
            var claim = await ownership.TryClaimAsync(job, shard, "dealer", round: 0);
            Assert.True(await ownership.RequestAsync(job, shard, trainer));
            await ownership.RenewAsync(claim!, round: 0);
            Assert.Equal(HandOverOutcome.Done, await ownership.HandOverAsync(claim!, trainer));
        }

        await _installation.Jobs.SubmitAsync(job, spec);
        var result = await EndAsync(job);
        Assert.Equal(trainers, await _installation.TrainersOfAsync(job));
        return result.ParametersSha256;
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

    /// <summary>Waits until each of the trainers has contributed; false when the job ends before.</summary>
    private async Task<bool> WorkAsync(string job, params ProductProcess[] trainers)
    {
        var end = DateTime.UtcNow + Patience;
        while (true)
        {
            var isEnded = (await _installation.Jobs.GetStatusAsync(job))!.IsEnded;
            var worked = await _installation.TrainersOfAsync(job);
            if (trainers.All(trainer => worked.Contains(trainer.Name)) || isEnded)
            {
                return !isEnded;
            }

            Assert.True(DateTime.UtcNow < end, $"Only {string.Join(", ", worked)} worked.{Environment.NewLine}{_installation.Log.Tail()}");
            await Task.Delay(100);
        }
    }
}
