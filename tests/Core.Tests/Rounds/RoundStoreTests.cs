using Azure.Storage.Blobs.Models;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;
using Serverless.Core.Tests.Jobs;
using Serverless.Core.Tests.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Rounds;

[Collection(AzuriteCollection.Name)]
public sealed class RoundStoreTests(AzuriteServer azurite)
{
    private static readonly BlobFacts Facts = new("trainer-1", TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(0.25));

    private readonly RoundsBench _bench = new(azurite);

    private RoundStore Rounds => _bench.Rounds;

    [Fact]
    public async Task WriteContributionAsync_ManyAtOnce_ExactlyOneWinsAndItsBytesStay()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec());
        var contributions = Enumerable.Range(0, 12).Select(i => RoundsBench.Contribute(job, i, 0)).ToList();

        var won = await Task.WhenAll(contributions.Select(contribution => Task.Run(() => Rounds.WriteContributionAsync(job.Id, 0, 0, contribution, Facts))));

        Assert.Equal(1, won.Count(winner => winner));
        var read = new Contribution(job.Layout);
        Assert.NotNull(await Rounds.TryReadContributionAsync(job.Id, 0, 0, read));
        Assert.Equal(contributions[Array.IndexOf(won, true)].Trainable, read.Trainable);
    }

    [Fact]
    public async Task TryReadContributionAsync_Compressed_GivesWhatItsTrainerWentOnWith()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(buffers: true) with { Compression = Compression.BFloat16 });
        var written = WeightedMeanTests.Random(new Contribution(job.Layout, Compression.BFloat16), new Random(5));
        var exact = (float[])written.Trainable.Clone();
        written.Pack();
        Assert.True(await Rounds.WriteContributionAsync(job.Id, 0, 0, written, Facts));

        var read = new Contribution(job.Layout, Compression.BFloat16);
        Assert.NotNull(await Rounds.TryReadContributionAsync(job.Id, 0, 0, read));
        Assert.Equal(written.Trainable, read.Trainable);
        Assert.Equal(written.Buffers, read.Buffers);
        Assert.All(exact.Zip(read.Trainable), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, Math.Abs(pair.First) / 256));
        Assert.NotEqual(exact, read.Trainable);

        // Who expects the other format is told so.
        await Assert.ThrowsAsync<InvalidDataException>(() => Rounds.TryReadContributionAsync(job.Id, 0, 0, new Contribution(job.Layout)));
        await Rounds.WriteContributionAsync(job.Id, 0, 1, RoundsBench.Contribute(job, 0, 1), Facts);
        await Assert.ThrowsAsync<InvalidDataException>(() => Rounds.TryReadContributionAsync(job.Id, 0, 1, read));
    }

    [Fact]
    public async Task WriteContributionAsync_ByDifferentTrainers_GivesTheSameContent()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(buffers: true));
        var contents = new List<byte[]>();
        foreach (var trainer in (string[])["a", "b"])
        {
            await Rounds.WriteContributionAsync(job.Id, 0, 1, RoundsBench.Contribute(job, 0, 1), new BlobFacts(trainer, TimeSpan.FromSeconds(trainer[0])));
            var blob = _bench.Storage.Jobs.GetBlobClient(JobBlobs.Contribution(job.Id, 0, 1));
            contents.Add((await blob.DownloadContentAsync()).Value.Content.ToArray());
            await blob.DeleteAsync();
        }

        Assert.Equal(contents[0], contents[1]);
    }

    [Fact]
    public async Task ListContributionsAsync_SomeThere_GivesThemWithTheirFactsInOrder()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 4, localSteps: 2));
        foreach (var shard in (int[])[3, 0])
        {
            var state = new ShardState(new Dictionary<string, float[]> { ["momentum"] = [1, 2] }) { Step = 2 };
            Assert.True(await Rounds.WriteShardStateAsync(job.Id, 0, shard, state));
            Assert.True(await Rounds.WriteContributionAsync(job.Id, 0, shard, RoundsBench.Contribute(job, 0, shard), Facts));
        }

        var entries = await Rounds.ListContributionsAsync(job.Id, 0);

        Assert.Equal([0, 3], entries.Select(entry => entry.Shard));
        Assert.Equal((13L, 6.5, 1, Facts), (entries[1].Samples, entries[1].LossSum, entries[1].Steps, entries[1].Facts));
        Assert.Empty(await Rounds.ListContributionsAsync(job.Id, 1));
    }

    [Fact]
    public async Task TryReadContributionAsync_Written_GivesItBackToTheBit()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(buffers: true));
        var written = RoundsBench.Contribute(job, 3, 1);
        written.LossSum = 1 / 3.0;
        await Rounds.WriteContributionAsync(job.Id, 3, 1, written, Facts);

        var read = new Contribution(job.Layout);

        Assert.Null(await Rounds.TryReadContributionAsync(job.Id, 3, 0, read));
        Assert.Equal(Assert.Single(await Rounds.ListContributionsAsync(job.Id, 3)), await Rounds.TryReadContributionAsync(job.Id, 3, 1, read));
        Assert.Equal(written.Trainable, read.Trainable);
        Assert.Equal(written.Buffers, read.Buffers);
        Assert.Equal((written.Samples, written.LossSum, written.Steps), (read.Samples, read.LossSum, read.Steps));
    }

    [Fact]
    public async Task TryReadCheckpointAsync_WithoutItsState_ReadsOnlyTheParametersAndTheStateLater()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec() with { Optimizer = new OptimizerSpec { Type = OptimizerKind.Adam } });
        var names = new ReductionRule(job).StateNames;
        var written = new Checkpoint(job.Layout, names) { Round = 7, HasState = true };
        var random = new Random(1);
        foreach (var region in (float[][])[written.Trainable, .. written.OptimizerState.Values])
        {
            Array.ConvertAll(region, _ => random.NextSingle()).CopyTo(region, 0);
        }

        Assert.True(await Rounds.WriteCheckpointAsync(job.Id, written));
        Assert.False(await Rounds.WriteCheckpointAsync(job.Id, written));

        var read = new Checkpoint(job.Layout, names);
        Assert.True(await Rounds.TryReadCheckpointAsync(job.Id, 7, read));
        Assert.Equal((7, false, written.ParametersSha256()), (read.Round, read.HasState, read.ParametersSha256()));
        Assert.True(await Rounds.TryReadCheckpointStateAsync(job.Id, read));
        Assert.True(read.HasState);
        Assert.All(names, name => Assert.Equal(written.OptimizerState[name], read.OptimizerState[name]));

        var whole = new Checkpoint(job.Layout, names);
        Assert.True(await Rounds.TryReadCheckpointAsync(job.Id, 7, whole, withState: true));
        Assert.All(names, name => Assert.Equal(written.OptimizerState[name], whole.OptimizerState[name]));
        Assert.Equal(7, await Rounds.LatestCheckpointAsync(job.Id));
    }

    [Fact]
    public async Task TryReadCheckpointAsync_LargeState_IsNotDownloaded()
    {
        var network = new Core.Networks.NetworkSpec([new Core.Networks.Layers.FlattenSpec(), new Core.Networks.Layers.LinearSpec(16_384), new Core.Networks.Layers.LinearSpec()]);
        var job = await _bench.BeginAsync(SampleJobs.Spec() with { Network = network });
        var checkpoint = new Checkpoint(job.Layout, new ReductionRule(job).StateNames) { Round = 1, HasState = true };
        await Rounds.WriteCheckpointAsync(job.Id, checkpoint);
        var before = _bench.Storage.Traffic[TrafficKind.Checkpoint].BytesRead;

        await Rounds.TryReadCheckpointAsync(job.Id, 1, checkpoint);

        var bytes = 4L * job.Layout.TrainableLength;
        Assert.InRange(_bench.Storage.Traffic[TrafficKind.Checkpoint].BytesRead - before, bytes, bytes + 5000);
    }

    [Fact]
    public async Task TryReadCheckpointAsync_NotThere_LeavesTheMemoryAsItIs()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec());
        var checkpoint = new Checkpoint(job.Layout);
        Assert.True(await Rounds.TryReadCheckpointAsync(job.Id, 0, checkpoint));
        var hash = checkpoint.ParametersSha256();

        Assert.False(await Rounds.TryReadCheckpointAsync(job.Id, 1, checkpoint));
        Assert.Equal((0, hash), (checkpoint.Round, checkpoint.ParametersSha256()));
    }

    [Fact]
    public async Task WriteInitialCheckpointAsync_Twice_GivesTheSameParametersOfTheSeed()
    {
        var first = await _bench.BeginAsync(SampleJobs.Spec());
        var second = await _bench.BeginAsync(SampleJobs.Spec());
        var other = await _bench.BeginAsync(SampleJobs.Spec() with { Seed = 2 });

        Assert.False(await Rounds.WriteInitialCheckpointAsync(first));
        Assert.Equal(await _bench.ParametersSha256Async(first, 0), await _bench.ParametersSha256Async(second, 0));
        Assert.NotEqual(await _bench.ParametersSha256Async(first, 0), await _bench.ParametersSha256Async(other, 0));
    }

    [Fact]
    public async Task WaitForCheckpointAsync_WrittenLater_ReturnsSoonAfter()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec());
        var into = new Checkpoint(job.Layout);

        var wait = Rounds.WaitForCheckpointAsync(job.Id, 1, into, new RoundWaiter(TimeProvider.System));
        Assert.False(wait.IsCompleted);
        await Rounds.WriteCheckpointAsync(job.Id, new Checkpoint(job.Layout) { Round = 1 });
        await wait.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(1, into.Round);
    }

    [Fact]
    public async Task TryReadShardStateAsync_Written_GivesItBack()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(localSteps: 2));
        var written = new ShardState(new Dictionary<string, float[]> { ["b"] = [3, 4, 5], ["a"] = [1, 2] }) { Step = 42 };
        Assert.True(await Rounds.WriteShardStateAsync(job.Id, 2, 1, written));
        Assert.False(await Rounds.WriteShardStateAsync(job.Id, 2, 1, written));

        var read = new ShardState(new Dictionary<string, float[]> { ["a"] = new float[2], ["b"] = new float[3] });

        Assert.False(await Rounds.TryReadShardStateAsync(job.Id, 1, 1, read));
        Assert.True(await Rounds.TryReadShardStateAsync(job.Id, 2, 1, read));
        Assert.Equal(42, read.Step);
        Assert.Equal([1f, 2f], read.Tensors["a"]);
        Assert.Equal([3f, 4f, 5f], read.Tensors["b"]);
        var other = new ShardState(new Dictionary<string, float[]> { ["c"] = new float[2] });
        Assert.Contains("'c'", (await Assert.ThrowsAsync<InvalidDataException>(() => Rounds.TryReadShardStateAsync(job.Id, 2, 1, other))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadEvaluationsAsync_OfSomeShards_AddsThemUp()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec(shards: 3));
        float[] outputs = [0.1f, 0.9f, 0, 1, 2, 3];
        await Rounds.WriteEvaluationAsync(job.Id, 5, 2, new ShardEvaluation { Rows = 10, Correct = 7, LossSum = 2.5, FirstOutputRow = 20, Outputs = outputs }, Facts);
        await Rounds.WriteEvaluationAsync(job.Id, 5, 0, new ShardEvaluation { Rows = 30, Correct = 23, LossSum = 7.5 }, Facts);

        var summary = await Rounds.ReadEvaluationsAsync(job.Id, 5);

        Assert.Equal([0, 2], summary.Shards);
        Assert.Equal((40L, 30L, 0.75, 0.25), (summary.Rows, summary.Correct!.Value, summary.Accuracy!.Value, summary.MeanLoss!.Value));
        var one = await Rounds.ReadEvaluationAsync(job.Id, 5, 2);
        Assert.Equal((10L, 7L, 2.5, 20L), (one!.Rows, one.Correct!.Value, one.LossSum, one.FirstOutputRow));
        Assert.Equal(outputs, one.Outputs.ToArray());
        Assert.Null(await Rounds.ReadEvaluationAsync(job.Id, 5, 1));
        Assert.Empty((await Rounds.ReadEvaluationsAsync(job.Id, 6)).Shards);
    }

    [Fact]
    public async Task ReadEvaluationsAsync_OfNumbers_HasNoAccuracy()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec());
        await Rounds.WriteEvaluationAsync(job.Id, 5, 0, new ShardEvaluation { Rows = 4, LossSum = 1 }, Facts);

        var summary = await Rounds.ReadEvaluationsAsync(job.Id, 5);

        Assert.Equal((null, 0.25), (summary.Accuracy, summary.MeanLoss!.Value));
    }

    [Fact]
    public async Task PruneAsync_OldRounds_DeletesThemAndKeepsTheRest()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec());
        for (var round = 0; round < 6; round++)
        {
            await _bench.WriteContributionsAsync(job, round);
            await Rounds.WriteShardStateAsync(job.Id, round, 0, new ShardState(new Dictionary<string, float[]>()));
            await Rounds.WriteCheckpointAsync(job.Id, new Checkpoint(job.Layout) { Round = round + 1 });
            await Rounds.WriteEvaluationAsync(job.Id, round, 0, new ShardEvaluation { Rows = 1, LossSum = 1 }, Facts);
        }

        await Rounds.PruneAsync(job.Id, 4);
        await Rounds.PruneAsync(job.Id, 4);

        var left = await _bench.Storage.Jobs.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{job.Id}/", CancellationToken.None).Select(blob => blob.Name[(job.Id.Length + 1)..]).ToListAsync();
        Assert.Equal(
            [
                "checkpoints/00004.safetensors", "checkpoints/00005.safetensors", "checkpoints/00006.safetensors",
                "evaluations/00004/000.safetensors", "evaluations/00005/000.safetensors",
                "plan.json",
                "rounds/00004/000.safetensors", "rounds/00004/000.state.safetensors", "rounds/00004/001.safetensors",
                "rounds/00005/000.safetensors", "rounds/00005/000.state.safetensors", "rounds/00005/001.safetensors",
                "spec.json", "status.json",
            ],
            left);
    }

    [Fact]
    public async Task TryReadContributionAsync_DamagedBlob_NamesIt()
    {
        var job = await _bench.BeginAsync(SampleJobs.Spec());
        await _bench.Storage.Jobs.UploadBlobAsync(JobBlobs.Contribution(job.Id, 0, 0), BinaryData.FromString("this is no tensor file at all"));

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Rounds.TryReadContributionAsync(job.Id, 0, 0, new Contribution(job.Layout)));

        Assert.Contains(JobBlobs.Contribution(job.Id, 0, 0), error.Message, StringComparison.Ordinal);
    }
}
