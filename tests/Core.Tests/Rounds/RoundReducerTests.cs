using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;
using Serverless.Core.Tests.Jobs;
using Serverless.Core.Tests.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Rounds;

[Collection(AzuriteCollection.Name)]
public sealed class RoundReducerTests(AzuriteServer azurite)
{
    private readonly RoundsBench _bench = new(azurite);

    [Fact]
    public async Task ReduceAsync_PlainSgd_EqualsTheFormulaInDoublePrecision()
    {
        var spec = SampleJobs.Spec(shards: 3, rounds: 5, buffers: true);
        var job = await _bench.BeginAsync(spec with { Optimizer = new OptimizerSpec { LearningRate = 0.001 } });
        var memory = new RoundMemory(job);
        var expected = new Checkpoint(job.Layout);
        Initialisation.Fill(job.Network, job.Spec.Seed, expected.Trainable, expected.Buffers);
        var parameters = expected.Trainable.Select(value => (double)value).ToArray();
        for (var round = 0; round < 5; round++)
        {
            await _bench.WriteContributionsAsync(job, round);
            Assert.Equal(ReduceOutcome.Reduced, (await _bench.Reducer.ReduceAsync(job, round, memory)).Outcome);

            var contributions = Enumerable.Range(0, 3).Select(shard => RoundsBench.Contribute(job, round, shard)).ToList();
            for (var i = 0; i < parameters.Length; i++)
            {
                parameters[i] -= 0.001 * contributions.Sum(contribution => contribution.Samples / 33.0 * contribution.Trainable[i]);
                Assert.Equal(parameters[i], memory.Checkpoint.Trainable[i], 1e-4 * (1 + Math.Abs(parameters[i])));
            }

            Assert.All(
                Enumerable.Range(0, job.Layout.BufferLength),
                i => Assert.Equal(contributions.Sum(contribution => contribution.Samples / 33.0 * contribution.Buffers[i]), memory.Checkpoint.Buffers[i], 1e-2));
        }

        Assert.Equal(await _bench.ParametersSha256Async(job, 5), memory.Checkpoint.ParametersSha256());
    }

    public static TheoryData<string, int> Rules => new()
    {
        { """{"type": "sgd", "learningRate": 0.01, "momentum": 0.9, "nesterov": true, "weightDecay": 0.001, "clipNorm": 3}""", 1 },
        { """{"type": "adamW", "learningRate": 0.01}""", 1 },
        { """{"type": "nesterov"}""", 8 },
        { """{"type": "adam"}""", 8 },
        { """{"type": "average"}""", 8 },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task ReduceAsync_AnyRule_GivesTheSameBitsInMemoryAndFromStorageWhateverTheOrderOfArrival(string rule, int localSteps)
    {
        var spec = JobSpec.Parse(System.Text.Encoding.UTF8.GetBytes($$"""
            {"dataset": "sample", "network": {"layers": [{"type": "flatten"}, {"type": "linear"}]}, "rounds": 4, "shards": 7, "localSteps": {{localSteps}},
             "{{(localSteps == 1 ? "optimizer" : "outer")}}": {{rule}}}
            """));
        var hashes = new List<string>();
        foreach (var seed in (int[])[1, 2, 3])
        {
            var job = await _bench.BeginAsync(spec);
            var kept = new RoundMemory(job);
            for (var round = 0; round < 4; round++)
            {
                var order = Enumerable.Range(0, 7).ToArray();
                new Random(seed + round).Shuffle(order);
                await _bench.WriteContributionsAsync(job, round, order);

                // One run keeps its memory from round to round, the next begins anew each time, the third has some contributions in memory.
                var memory = seed == 2 ? new RoundMemory(job) : kept;
                var own = seed == 3 ? order.Take(3).ToDictionary(shard => shard, shard => RoundsBench.Contribute(job, round, shard)) : null;
                Assert.Equal(ReduceOutcome.Reduced, (await _bench.Reducer.ReduceAsync(job, round, memory, own)).Outcome);
            }

            hashes.Add(await _bench.ParametersSha256Async(job, 4));
        }

        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public async Task ReduceInMemory_AllContributionsAtHand_GivesTheBitsThatReduceAsyncGives()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 5, rounds: 4, buffers: true));
        var (stored, local) = (new RoundMemory(job), new RoundMemory(job));
        Assert.True(await _bench.Rounds.TryReadCheckpointAsync(job.Id, 0, local.Checkpoint));
        for (var round = 0; round < 4; round++)
        {
            await _bench.WriteContributionsAsync(job, round);
            var entries = await _bench.Rounds.ListContributionsAsync(job.Id, round);

            RoundReducer.ReduceInMemory(job, local, entries, Enumerable.Range(0, 5).ToDictionary(shard => shard, shard => RoundsBench.Contribute(job, round, shard)));

            Assert.Equal(ReduceOutcome.Reduced, (await _bench.Reducer.ReduceAsync(job, round, stored)).Outcome);
            Assert.Equal(stored.Checkpoint.ParametersSha256(), local.Checkpoint.ParametersSha256());
            Assert.Equal(ReduceOutcome.AlreadyDone, await _bench.Reducer.PublishAsync(job, local, Task.CompletedTask));
        }

        await local.SettleAsync();
        Assert.Equal(4, (await _bench.Jobs.GetStatusAsync(job.Id))!.Round);
        Assert.Equal(20, await _bench.Metrics.ReadAsync(job.Id).CountAsync());
    }

    [Fact]
    public async Task PublishAsync_OwnContributionsNotStoredYet_WaitsForThem()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 1));
        var memory = new RoundMemory(job);
        Assert.True(await _bench.Rounds.TryReadCheckpointAsync(job.Id, 0, memory.Checkpoint));
        var contribution = RoundsBench.Contribute(job, 0, 0);
        ContributionEntry[] entries = [new(0, contribution.Samples, contribution.LossSum, 1, new BlobFacts("trainer"), DateTimeOffset.UnixEpoch)];
        RoundReducer.ReduceInMemory(job, memory, entries, new Dictionary<int, Contribution> { [0] = contribution });
        var stored = new TaskCompletionSource();

        var published = _bench.Reducer.PublishAsync(job, memory, stored.Task);
        Assert.Equal(0, await _bench.Rounds.LatestCheckpointAsync(job.Id));
        stored.SetResult();

        Assert.Equal(ReduceOutcome.Reduced, await published);
        Assert.Equal(memory.Checkpoint.ParametersSha256(), await _bench.ParametersSha256Async(job, 1));
        await memory.SettleAsync();
    }

    [Fact]
    public async Task PublishAsync_CheckpointAfterMany_TellsOfAllRoundsSinceTheOneBefore()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 2, rounds: 100) with { EvaluateEvery = 100 });
        Assert.Equal(32, job.Plan.CheckpointEvery);
        var memory = new RoundMemory(job);
        Assert.True(await _bench.Rounds.TryReadCheckpointAsync(job.Id, 0, memory.Checkpoint));
        for (var round = 0; round < 64; round++)
        {
            var contributions = Enumerable.Range(0, 2).ToDictionary(shard => shard, shard => RoundsBench.Contribute(job, round, shard));
            ContributionEntry[] entries = [.. contributions.Select(entry =>
                new ContributionEntry(entry.Key, entry.Value.Samples, entry.Value.LossSum, 1, new BlobFacts("trainer"), DateTimeOffset.UnixEpoch))];
            RoundReducer.ReduceInMemory(job, memory, entries, contributions);
        }

        await _bench.Reducer.PublishAsync(job, memory, Task.CompletedTask);
        Assert.Equal(Enumerable.Range(32, 32), await RoundsInMetricsAsync(job));

        // Whoever should have told of the earlier ones may have died.
        await _bench.Reducer.PublishAsync(job, memory, Task.CompletedTask, since: 0);
        Assert.Equal(Enumerable.Range(0, 64), await RoundsInMetricsAsync(job));
        await memory.SettleAsync();
    }

    [Fact]
    public async Task ReduceAsync_DoneRoundsBeyondTheBudget_AreDeletedButNeverTheLastFour()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 2, rounds: 12) with { Aggregation = Aggregation.Function });
        var memory = new RoundMemory(job, retainedBytes: 0);
        for (var round = 0; round < 12; round++)
        {
            await _bench.WriteContributionsAsync(job, round);
            await _bench.Reducer.ReduceAsync(job, round, memory);
            await memory.SettleAsync();
            for (var kept = Math.Max(0, round - 3); kept <= round; kept++)
            {
                Assert.Equal(2, (await _bench.Rounds.ListContributionsAsync(job.Id, kept)).Count);
                Assert.True(await _bench.Rounds.TryReadCheckpointAsync(job.Id, kept + 1, new Checkpoint(job.Layout)));
            }
        }

        Assert.Empty(await _bench.Rounds.ListContributionsAsync(job.Id, 7));
        Assert.False(await _bench.Rounds.TryReadCheckpointAsync(job.Id, 7, new Checkpoint(job.Layout)));
    }

    [Fact]
    public async Task ReduceAsync_ReducersAtOnce_AllEndWithTheWinnersBytes()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 4, rounds: 10));
        var reducers = Enumerable.Range(0, 4).Select(_ => (Bench: new RoundsBench(azurite), Memory: new RoundMemory(job))).ToList();
        var reduced = 0;
        for (var round = 0; round < 10; round++)
        {
            await _bench.WriteContributionsAsync(job, round);

            var results = await Task.WhenAll(reducers.Select(reducer => Task.Run(() => reducer.Bench.Reducer.ReduceAsync(job, round, reducer.Memory))));

            Assert.All(results, result => Assert.True(result.Outcome is ReduceOutcome.Reduced or ReduceOutcome.AlreadyDone, $"{result.Outcome}"));
            Assert.Equal(1, results.Count(result => result.Outcome == ReduceOutcome.Reduced));
            var hash = await _bench.ParametersSha256Async(job, round + 1);
            reduced += reducers.Count(reducer => reducer.Memory.Checkpoint.Round == round + 1);
            Assert.All(reducers.Where(reducer => reducer.Memory.Checkpoint.Round == round + 1), reducer => Assert.Equal(hash, reducer.Memory.Checkpoint.ParametersSha256()));
        }

        Assert.True(reduced >= 10);
    }

    [Fact]
    public async Task ReduceAsync_ContributionsMissing_SaysWhichAndWritesNothing()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 5));
        await _bench.WriteContributionsAsync(job, 0, [3, 1]);

        var result = await _bench.Reducer.ReduceAsync(job, 0, new RoundMemory(job));

        Assert.Equal(ReduceOutcome.NotReady, result.Outcome);
        Assert.Equal([0, 2, 4], result.Missing);
        Assert.Equal(0, await _bench.Rounds.LatestCheckpointAsync(job.Id));
    }

    [Fact]
    public async Task ReduceAsync_RoundLongDone_SaysSoWithoutReadingIt()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec());
        var memory = new RoundMemory(job);
        for (var round = 0; round < 3; round++)
        {
            await _bench.WriteContributionsAsync(job, round);
            await _bench.Reducer.ReduceAsync(job, round, memory);
        }

        var before = _bench.Storage.Traffic[TrafficKind.Contribution].Reads;

        Assert.Equal(ReduceOutcome.AlreadyDone, (await _bench.Reducer.ReduceAsync(job, 0, new RoundMemory(job))).Outcome);
        Assert.Equal(before, _bench.Storage.Traffic[TrafficKind.Contribution].Reads);
    }

    [Fact]
    public async Task ReduceAsync_CheckpointGone_SaysSo()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec());
        await _bench.WriteContributionsAsync(job, 0);
        await _bench.Storage.Jobs.DeleteBlobAsync(JobBlobs.Checkpoint(job.Id, 0));

        Assert.Equal(ReduceOutcome.NoCheckpoint, (await _bench.Reducer.ReduceAsync(job, 0, new RoundMemory(job))).Outcome);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public async Task ReduceAsync_ContributionNotFinite_FailsTheJobWithRoundShardAndLossAndKeepsTheCheckpoint(float value)
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 3));
        await _bench.WriteContributionsAsync(job, 0, [0, 2]);
        var bad = RoundsBench.Contribute(job, 0, 1);
        bad.Trainable[^1] = value;
        bad.LossSum = double.PositiveInfinity;
        await _bench.Rounds.WriteContributionAsync(job.Id, 0, 1, bad, new BlobFacts("trainer"));

        var diverged = await Assert.ThrowsAsync<DivergedException>(() => _bench.Reducer.ReduceAsync(job, 0, new RoundMemory(job)));

        Assert.Equal((0, 1, double.PositiveInfinity), (diverged.Round, diverged.Shard!.Value, diverged.Loss));
        var status = await _bench.Jobs.GetStatusAsync(job.Id);
        Assert.Equal(JobState.Failed, status!.State);
        Assert.Contains("round 0 on shard 1", status.Failure, StringComparison.Ordinal);
        Assert.Equal(0, await _bench.Rounds.LatestCheckpointAsync(job.Id));
        Assert.Equal(3, await _bench.Metrics.ReadAsync(job.Id).CountAsync());
    }

    [Fact]
    public async Task ReduceAsync_OutcomeNotFinite_FailsTheJob()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 1) with { Optimizer = new OptimizerSpec { LearningRate = 1000 } });
        var great = RoundsBench.Contribute(job, 0, 0);
        great.Trainable[3] = 3e38f;
        await _bench.Rounds.WriteContributionAsync(job.Id, 0, 0, great, new BlobFacts("trainer"));
        var memory = new RoundMemory(job);

        var diverged = await Assert.ThrowsAsync<DivergedException>(() => _bench.Reducer.ReduceAsync(job, 0, memory));

        Assert.Null(diverged.Shard);
        Assert.Equal(-1, memory.Checkpoint.Round);
        Assert.Equal(JobState.Failed, (await _bench.Jobs.GetStatusAsync(job.Id))!.State);
    }

    [Fact]
    public async Task ReduceAsync_ContributionOfAnotherNetwork_FailsTheJobAndNamesTheBlob()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 1));
        var other = SampleJobs.Planned(SampleJobs.Spec(shards: 1) with { Network = new NetworkSpec([new FlattenSpec(), new LinearSpec()]) });
        await _bench.Rounds.WriteContributionAsync(job.Id, 0, 0, RoundsBench.Contribute(other, 0, 0), new BlobFacts("trainer"));

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => _bench.Reducer.ReduceAsync(job, 0, new RoundMemory(job)));

        Assert.Contains(JobBlobs.Contribution(job.Id, 0, 0), error.Message, StringComparison.Ordinal);
        Assert.Contains($"{other.Layout.TrainableLength}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{job.Layout.TrainableLength}", error.Message, StringComparison.Ordinal);
        Assert.Equal(JobState.Failed, (await _bench.Jobs.GetStatusAsync(job.Id))!.State);
    }

    [Fact]
    public async Task ReduceAsync_OneRound_TakesAListingTheOthersContributionsAnAppendAndACheckpoint()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 6, rounds: 20));
        var memory = new RoundMemory(job);
        await _bench.WriteContributionsAsync(job, 0);
        await _bench.Reducer.ReduceAsync(job, 0, memory);
        await _bench.WriteContributionsAsync(job, 1);
        var own = new[] { 1, 4 }.ToDictionary(shard => shard, shard => RoundsBench.Contribute(job, 1, shard));
        var before = _bench.Storage.Traffic.Snapshot();

        await _bench.Reducer.ReduceAsync(job, 1, memory, own);

        var counts = _bench.Storage.Traffic.Snapshot().Zip(before, (after, earlier) => after - earlier).ToDictionary(count => count.Kind);
        var size = 4 * job.Layout.TrainableLength;
        Assert.Equal((1, 4, 1, 1), (counts[TrafficKind.List].Reads, counts[TrafficKind.Contribution].Reads, counts[TrafficKind.Metrics].Writes, counts[TrafficKind.Checkpoint].Writes));
        Assert.Equal(0, counts[TrafficKind.Checkpoint].Reads + counts[TrafficKind.Contribution].Writes + counts[TrafficKind.Queue].Operations);
        Assert.InRange(counts[TrafficKind.Contribution].BytesRead, 4 * size, (4 * size) + 4000);
        Assert.InRange(counts[TrafficKind.Checkpoint].BytesWritten, 2 * size, (2 * size) + 1000);
    }

    [Fact]
    public async Task ReduceAsync_Evaluations_GoIntoStatusAndMetrics()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(rounds: 4) with { EvaluateEvery = 2 });
        var memory = new RoundMemory(job);
        for (var round = 0; round < 3; round++)
        {
            foreach (var shard in job.Plan.IsEvaluationDue(round) ? job.Plan.Shards : [])
            {
                var evaluation = new ShardEvaluation { Rows = shard.TestRows, Correct = shard.TestRows / 2, LossSum = 0.25 * shard.TestRows };
                Assert.True(await _bench.Rounds.WriteEvaluationAsync(job.Id, round, shard.Index, evaluation, new BlobFacts("trainer")));
            }

            await _bench.WriteContributionsAsync(job, round);
            await _bench.Reducer.ReduceAsync(job, round, memory);
        }

        var status = await _bench.Jobs.GetStatusAsync(job.Id);
        Assert.Equal((3, 0.5, 0.25), (status!.Round, status.Accuracy!.Value, status.TestLoss!.Value));
        Assert.Contains(status.Timeline, entry => entry.Event == "checkpoint 2 evaluated: loss 0.25, accuracy 50.00 %");
        var line = await _bench.Metrics.ReadAsync(job.Id, 1).FirstAsync(line => line.Shard is null);
        Assert.Equal((2, 100L, 0.5, 0.25), (line.Round, line.Samples, line.Accuracy!.Value, line.Loss!.Value));
    }

    [Fact]
    public async Task ReduceAsync_ManyQuickRounds_WritesTheStatusSeldomButAtTheEnd()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 1, rounds: 40) with { EvaluateEvery = 1000 });
        var memory = new RoundMemory(job);
        var began = TimeProvider.System.GetTimestamp();
        var before = _bench.Storage.Traffic[TrafficKind.Status].Writes;
        for (var round = 0; round < 40; round++)
        {
            await _bench.WriteContributionsAsync(job, round);
            await _bench.Reducer.ReduceAsync(job, round, memory);
        }

        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        Assert.InRange(_bench.Storage.Traffic[TrafficKind.Status].Writes - before, 1, 3 + (long)seconds);
        var status = await _bench.Jobs.GetStatusAsync(job.Id);
        Assert.Equal((40, JobState.Running), (status!.Round, status.State));
        Assert.Equal("all 40 rounds trained", status.Timeline[^1].Event);
        Assert.Equal(40, await _bench.Metrics.ReadAsync(job.Id).CountAsync());
    }

    [Fact]
    public async Task ReduceAsync_MoreShards_TakesNoMoreMemory()
    {
        // 1 MB a contribution: what a request costs besides is small against it.
        var network = new NetworkSpec([new FlattenSpec(), new LinearSpec(32_768), new LinearSpec()]);
        var allocated = new Dictionary<int, long>();
        foreach (var shards in (int[])[4, 4, 24])
        {
            const int rounds = 6;
            var job = await _bench.BeginAsync(SampleJobs.Spec(shards, rounds: rounds) with { Network = network });
            var memory = new RoundMemory(job, downloadBytes: 0);
            allocated[shards] = long.MaxValue;
            for (var round = 0; round < rounds; round++)
            {
                await _bench.WriteContributionsAsync(job, round);
                var before = GC.GetTotalAllocatedBytes(precise: true);
                await _bench.Reducer.ReduceAsync(job, round, memory);

                // The least of them: a collection may empty the pools that a request's buffers come from, and they are made anew.
                allocated[shards] = Math.Min(allocated[shards], GC.GetTotalAllocatedBytes(precise: true) - before);
            }
        }

        var perShard = (allocated[24] - allocated[4]) / 20.0;
        Assert.True(perShard < 0.2 * 4 * 262_144, $"{perShard:F0} bytes a shard; {allocated[4]} for 4 shards");
    }

    [Fact]
    public async Task ReduceAsync_ManyRounds_HoldsNoMoreMemory()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 2, rounds: 130));
        var memory = new RoundMemory(job);
        var held = new List<long>();
        for (var round = 0; round < 130; round++)
        {
            await _bench.WriteContributionsAsync(job, round);
            await _bench.Reducer.ReduceAsync(job, round, memory);
            if (round is 29 or 129)
            {
                held.Add(GC.GetTotalMemory(forceFullCollection: true));
            }
        }

        Assert.InRange(held[1] - held[0], long.MinValue, 500_000);
    }

    private async Task<IEnumerable<int>> RoundsInMetricsAsync(TrainingJob job) =>
        await _bench.Metrics.ReadAsync(job.Id).Select(line => line.Round).Distinct().Order().ToListAsync();
}
