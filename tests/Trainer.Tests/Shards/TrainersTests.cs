using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;

namespace Serverless.Trainer.Tests.Shards;

/// <summary>Trainers that only meet in storage: whoever trains what, a job ends with the same bits.</summary>
public sealed class TrainersTests(TrainerCase trainers) : IClassFixture<TrainerCase>
{
    [Theory]
    [InlineData(1, Compression.None)]
    [InlineData(8, Compression.None)]
    [InlineData(8, Compression.BFloat16)]
    public async Task Job_AnyNumberOfTrainers_GivesTheSameParameters(int localSteps, Compression compression)
    {
        var (spec, data) = await SpecAsync(localSteps, rounds: 10);
        spec = spec with { Compression = compression };
        var results = new List<string>();
        for (var count = 1; count <= 4; count++)
        {
            var job = await trainers.SubmitAsync(spec, data.Train);
            await Task.WhenAll(Enumerable.Range(0, count).Select(index => trainers.RunTrainerAsync($"trainer-{index}")));
            await AssertCompleteAsync(job);
            results.Add(await trainers.ParametersAsync(job));
        }

        Assert.Single(results.Distinct());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Job_TrainersJoinAndLeave_GivesTheSameParameters(int localSteps)
    {
        var (spec, data) = await SpecAsync(localSteps, rounds: 40);
        var undisturbed = await trainers.SubmitAsync(spec, data.Train);
        await trainers.RunTrainerAsync("undisturbed");

        var disturbed = await trainers.SubmitAsync(spec, data.Train);
        using var leave = new CancellationTokenSource();
        var leaver = trainers.RunTrainerAsync("leaver", leave: leave.Token);
        await trainers.WhenAtAsync(disturbed, checkpoint: 5);
        var stayer = trainers.RunTrainerAsync("stayer");
        await trainers.WhenAtAsync(disturbed, checkpoint: 15);
        await leave.CancelAsync();
        await leaver;
        await trainers.WhenAtAsync(disturbed, checkpoint: 25);
        await Task.WhenAll(stayer, trainers.RunTrainerAsync("late"));

        await AssertCompleteAsync(disturbed);
        Assert.Equal(await trainers.ParametersAsync(undisturbed), await trainers.ParametersAsync(disturbed));
    }

    [Fact]
    public async Task Job_OneTrainerOneLocalStep_OnlyWrites()
    {
        const int rounds = 30;
        var (spec, data) = await SpecAsync(localSteps: 1, rounds);
        var job = await trainers.SubmitAsync(spec with { Shards = 2 }, data.Train);
        var before = trainers.Storage.Traffic.Snapshot();

        await trainers.RunTrainerAsync("alone");

        // What it contributes stays in memory, and what it reduces is not read back: a listing for each claim, one checkpoint to begin with.
        var traffic = trainers.Storage.Traffic.Snapshot().Zip(before, (after, earlier) => after - earlier).ToDictionary(count => count.Kind);
        Assert.Equal(2 * rounds, traffic[TrafficKind.Contribution].Writes);
        Assert.InRange(traffic[TrafficKind.Contribution].Reads, 0, 4);
        Assert.Equal(Enumerable.Range(1, rounds).Count(job.Plan.IsCheckpointDue), traffic[TrafficKind.Checkpoint].Writes);
        Assert.InRange(traffic[TrafficKind.Checkpoint].BytesRead, 0, 3 * sizeof(float) * (job.Layout.TrainableLength + job.Layout.BufferLength) + 10_000);
    }

    [Fact]
    public async Task Job_HintsLost_IsFoundAmongTheRunningJobs()
    {
        var (spec, data) = await SpecAsync(localSteps: 4, rounds: 3);
        var job = await trainers.SubmitAsync(spec, data.Train, hints: false);

        await trainers.RunTrainerAsync("finder", idle: TimeSpan.FromSeconds(3));

        await AssertCompleteAsync(job);
        await trainers.Jobs.CancelAsync(job.Id);
    }

    [Fact]
    public async Task Job_AggregationByFunction_WaitsForItsCheckpoints()
    {
        var (spec, data) = await SpecAsync(localSteps: 4, rounds: 4);
        var expected = await trainers.SubmitAsync(spec, data.Train);
        await trainers.RunTrainerAsync("aggregating");

        var job = await trainers.SubmitAsync(spec with { Aggregation = Aggregation.Function }, data.Train);
        using var stop = new CancellationTokenSource();
        var function = ReduceHintedRoundsAsync(job, stop.Token);
        await Task.WhenAll(trainers.RunTrainerAsync("first"), trainers.RunTrainerAsync("second"));
        await stop.CancelAsync();
        await function;

        await AssertCompleteAsync(job);
        Assert.Equal(await trainers.ParametersAsync(expected), await trainers.ParametersAsync(job));
    }

    [Fact]
    public async Task Job_AggregationByFunctionNewestCheckpointLost_GoesBackToTheOneBefore()
    {
        var (spec, data) = await SpecAsync(localSteps: 4, rounds: 8);
        var expected = await trainers.SubmitAsync(spec, data.Train);
        await trainers.RunTrainerAsync("aggregating");

        var job = await trainers.SubmitAsync(spec with { Aggregation = Aggregation.Function }, data.Train);
        var training = Task.WhenAll(trainers.RunTrainerAsync("first"), trainers.RunTrainerAsync("second"));
        using (var stop = new CancellationTokenSource())
        {
            var function = ReduceHintedRoundsAsync(job, stop.Token);
            await trainers.WhenAtAsync(job, checkpoint: 2);
            await stop.CancelAsync();
            await function;
        }

        // All have read it, as all have contributed to its round. Storage comes back from a crash without it.
        var latest = await trainers.Rounds.LatestCheckpointAsync(job.Id);
        await Eventually.Async(async () => (await trainers.Rounds.ListContributionsAsync(job.Id, latest)).Count == 4, "a complete round");
        await trainers.Storage.Jobs.DeleteBlobAsync(JobBlobs.Checkpoint(job.Id, latest));
        using (var stop = new CancellationTokenSource())
        {
            var function = ReduceHintedRoundsAsync(job, stop.Token);
            await training.WaitAsync(TimeSpan.FromSeconds(120));
            await stop.CancelAsync();
            await function;
        }

        await AssertCompleteAsync(job);
        Assert.Equal(await trainers.ParametersAsync(expected), await trainers.ParametersAsync(job));
    }

    [Fact]
    public async Task Trainer_JoiningLate_IsGivenHalfOfTheShards()
    {
        // Rounds that do not end before the hand-over: what is asked for is given between two shards.
        var (spec, data) = await SpecAsync(localSteps: 50, rounds: 10_000);
        var job = await trainers.SubmitAsync(spec, data.Train);
        using var leave = new CancellationTokenSource();
        var first = trainers.RunTrainerAsync("first", leave: leave.Token);
        await trainers.WhenAtAsync(job, checkpoint: 1);

        var second = trainers.RunTrainerAsync("second", idle: TimeSpan.FromSeconds(60), leave: leave.Token);
        await Eventually.Async(async () => (await trainers.OwnersAsync(job)).Count(owner => owner == "second") == 2, "two of four shards for each");
        await leave.CancelAsync();
        await Task.WhenAll(first, second);
        await trainers.Jobs.CancelAsync(job.Id);
        await trainers.DrainHintsAsync();
    }

    [Fact]
    public async Task Trainer_JobCancelled_StopsWithinTheRound()
    {
        var (spec, data) = await SpecAsync(localSteps: 10_000, rounds: 10_000);
        var job = await trainers.SubmitAsync(spec, data.Train);
        var trainer = trainers.RunTrainerAsync("cancelled");
        await Eventually.Async(async () => (await trainers.OwnersAsync(job)).Any(owner => owner is not null), "a claim");

        await trainers.Jobs.CancelAsync(job.Id);
        await trainer.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(0, await trainers.Rounds.LatestCheckpointAsync(job.Id));
        await trainers.DrainHintsAsync();
    }

    [Fact]
    public async Task Trainer_TrainingDiverges_FailsTheJobAndKeepsTheCheckpoint()
    {
        var (spec, data) = await SpecAsync(localSteps: 200, rounds: 5, learningRate: 1000, network: TrainerCase.Unstable);
        var job = await trainers.SubmitAsync(spec, data.Train);

        await trainers.RunTrainerAsync("diverging");

        var status = await trainers.Jobs.GetStatusAsync(job.Id);
        Assert.Equal(JobState.Failed, status!.State);
        Assert.Contains("diverged in round 0", status.Failure, StringComparison.Ordinal);
        Assert.Contains("loss is NaN", status.Failure, StringComparison.Ordinal);
        Assert.Equal(0, await trainers.Rounds.LatestCheckpointAsync(job.Id));
        await trainers.DrainHintsAsync();
    }

    [Fact]
    public async Task Trainer_DataDamaged_FailsTheJobNamingThePart()
    {
        var (spec, data) = await SpecAsync(localSteps: 4, rounds: 5);
        var job = await trainers.SubmitAsync(spec, data.Train);
        var part = data.Train.Parts[0];
        await trainers.Storage.Datasets.GetBlobClient($"{data.Name}/train/{part.Name}").UploadAsync(new BinaryData(new byte[part.Bytes]), overwrite: true);

        await trainers.RunTrainerAsync("reading");

        var status = await trainers.Jobs.GetStatusAsync(job.Id);
        Assert.Equal(JobState.Failed, status!.State);
        Assert.Contains(part.Name, status.Failure, StringComparison.Ordinal);
        await trainers.DrainHintsAsync();
    }

    [Fact]
    public async Task Trainer_ShardStateLost_ComputesItAgain()
    {
        var (spec, data) = await SpecAsync(localSteps: 4, rounds: 8);
        var undisturbed = await trainers.SubmitAsync(spec, data.Train);
        await trainers.RunTrainerAsync("undisturbed");

        var job = await trainers.SubmitAsync(spec, data.Train);
        using (var leave = new CancellationTokenSource())
        {
            var first = trainers.RunTrainerAsync("first", leave: leave.Token);
            await trainers.WhenAtAsync(job, checkpoint: 3);
            await leave.CancelAsync();
            await first;
        }

        await trainers.DeleteStatesAsync(job);
        await trainers.RunTrainerAsync("second");

        Assert.Equal(await trainers.ParametersAsync(undisturbed), await trainers.ParametersAsync(job));
    }

    [Fact]
    public async Task Trainer_StorageHasAnotherContribution_GoesOnWithThat()
    {
        // Five shards: a checkpoint, and the shards' state, after every round.
        var (spec, data) = await SpecAsync(localSteps: 4, rounds: 5);
        var job = await trainers.SubmitAsync(spec with { Shards = 5 }, data.Train);
        Assert.Equal(1, job.Plan.CheckpointEvery);
        var other = new Contribution(job.Layout) { Samples = 40, LossSum = 40, Steps = 4 };
        await trainers.Rounds.WriteContributionAsync(job.Id, 2, 3, other, new BlobFacts("other"));

        await trainers.RunTrainerAsync("alone");

        await AssertCompleteAsync(job);
        Assert.Equal(JobState.Running, (await trainers.Jobs.GetStatusAsync(job.Id))!.State);
    }

    [Fact]
    public async Task Trainer_StatesAndContributionsLost_ComputesThemAgain()
    {
        var (spec, data) = await SpecAsync(localSteps: 4, rounds: 20);
        var undisturbed = await trainers.SubmitAsync(spec with { EvaluateEvery = 100 }, data.Train);
        Assert.Equal(32, undisturbed.Plan.CheckpointEvery);
        await trainers.RunTrainerAsync("undisturbed");

        // A trainer that dies far from any checkpoint, and storage that has lost some of what it wrote.
        var job = await trainers.SubmitAsync(spec with { EvaluateEvery = 100 }, data.Train);
        using (var leave = new CancellationTokenSource())
        {
            var first = trainers.RunTrainerAsync("first", leave: leave.Token);
            await Eventually.Async(async () => (await trainers.Rounds.ListContributionsAsync(job.Id, 8)).Count > 0, "a contribution to round 8");
            await leave.CancelAsync();
            await first;
        }

        Assert.Equal(0, await trainers.Rounds.LatestCheckpointAsync(job.Id));
        await trainers.DeleteStatesAsync(job);
        await trainers.Storage.Jobs.DeleteBlobAsync(JobBlobs.Contribution(job.Id, 5, 2));
        await Task.WhenAll(trainers.RunTrainerAsync("second"), trainers.RunTrainerAsync("third"));

        await AssertCompleteAsync(job);
        Assert.Equal(await trainers.ParametersAsync(undisturbed), await trainers.ParametersAsync(job));
    }

    private async Task<(JobSpec Spec, StoredDataset Data)> SpecAsync(
        int localSteps, int rounds, double learningRate = 0.01, Core.Networks.NetworkSpec? network = null)
    {
        var data = await StoredDataset.WriteAsync(trainers.Storage, [1, 8, 8], classes: 3, rows: 200, testRows: 40);
        return (
            new JobSpec
            {
                Dataset = data.Name,
                Network = network ?? TrainerCase.SmallImages,
                Shards = 4,
                BatchSize = 10,
                LocalSteps = localSteps,
                Rounds = rounds,
                EvaluateEvery = 5,
                Optimizer = new OptimizerSpec { Type = network is null ? OptimizerKind.Adam : OptimizerKind.Sgd, LearningRate = learningRate },
            },
            data);
    }

    private async Task AssertCompleteAsync(TrainingJob job)
    {
        var summary = await trainers.Rounds.ReadEvaluationsAsync(job.Id, job.Plan.Rounds);
        Assert.Equal(job.Plan.TestRows, summary.Rows);
        var lines = new List<MetricsLine>();
        await foreach (var line in new MetricsLog(trainers.Storage).ReadAsync(job.Id))
        {
            lines.Add(line);
        }

        Assert.Equal(job.Plan.Rounds * job.Plan.Shards.Count, lines.Count(line => line.Shard is not null));
    }

    private async Task ReduceHintedRoundsAsync(TrainingJob job, CancellationToken stop)
    {
        var queue = trainers.Storage.Queue(StorageNames.RoundContributionsQueue);
        var memory = new RoundMemory(job);
        while (!stop.IsCancellationRequested)
        {
            if ((await queue.ReceiveMessageAsync(cancellationToken: CancellationToken.None)).Value is not { } message)
            {
                await Task.Delay(10, CancellationToken.None);
                continue;
            }

            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, CancellationToken.None);
            var round = RoundMessage.Parse(message.Body);
            Assert.Equal(job.Id, round.Job);
            await trainers.Reducer.ReduceAsync(job, round.Round, memory, cancellation: CancellationToken.None);
        }
    }
}
