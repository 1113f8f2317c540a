using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Datasets;

namespace Serverless.Core.Tests.Datasets;

public class ShardSamplerTests
{
    private static readonly Arbitrary<Case> Cases = Arb.From(
        from rows in Gen.Choose(1, 300)
        from partRows in Gen.Choose(1, 60)
        from shards in Gen.Choose(1, Math.Min(rows, 7))
        from batchSize in Gen.Choose(1, 40)
        from seed in Gen.Choose(0, 1000)
        select new Case(rows, partRows, shards, batchSize, seed));

    [Fact]
    public void ReadBatch_AnyJob_EveryRowIsSeenExactlyOnceAnEpoch()
    {
        Prop.ForAll(Cases, job =>
        {
            using var data = new NumberedRows(job.Rows, job.PartRows);
            foreach (var epoch in new[] { 0, 1, 5 })
            {
                var seen = new List<int>();
                for (var shard = 0; shard < job.Shards; shard++)
                {
                    using var sampler = job.Sampler(data, shard);
                    for (var step = 0; step < job.StepsPerEpoch; step++)
                    {
                        var batch = Read(sampler, (epoch * job.StepsPerEpoch) + step);
                        Assert.InRange(batch.Length, 0, job.BatchSize);
                        Assert.Equal(sampler.BatchRows((epoch * job.StepsPerEpoch) + step), batch.Length);
                        seen.AddRange(batch);
                    }
                }

                seen.Sort();
                Assert.Equal(Enumerable.Range(0, job.Rows), seen);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ReadBatch_StepsInAnyOrder_GiveTheSameBatchesAsInTheirOrder()
    {
        Prop.ForAll(Cases, ArbMap.Default.ArbFor<int>(), (job, order) =>
        {
            using var data = new NumberedRows(job.Rows, job.PartRows);
            using var sampler = job.Sampler(data, job.Shards - 1);
            var steps = Enumerable.Range(0, 2 * job.StepsPerEpoch).ToArray();
            var batches = steps.Select(step => Read(sampler, step)).ToArray();
            new Random(order).Shuffle(steps);
            using var fresh = job.Sampler(data, job.Shards - 1);
            foreach (var step in steps.Take(50))
            {
                Assert.Equal(batches[step], Read(fresh, step));
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ReadBatch_OtherEpochSeedOrShard_GivesAnotherOrder()
    {
        using var data = new NumberedRows(400, 100);
        var orders = new HashSet<string>();
        foreach (var (seed, shard, epoch) in from seed in new[] { 1, 2 } from shard in new[] { 0, 1 } from epoch in new[] { 0, 1, 2 } select (seed, shard, epoch))
        {
            // The same rows for every shard number: what differs is the order alone.
            using var sampler = new ShardSampler(data.Reader, 0, 400, 50, 8, seed, shard);
            Assert.True(orders.Add(string.Join(",", Enumerable.Range(8 * epoch, 8).SelectMany(step => Read(sampler, step)))));
        }
    }

    [Fact]
    public void ReadBatch_KnownSeed_GivesTheOrderItAlwaysGave()
    {
        using var data = new NumberedRows(10, 4);
        using var sampler = new ShardSampler(data.Reader, 0, 10, 5, 2, 1, 0);
        Assert.Equal(Recorded, string.Join(" ", Enumerable.Range(0, 4).Select(step => string.Join(",", Read(sampler, step)))));
    }

    [Fact]
    public void ReadBatch_Epoch_MixesRowsOfAShardsParts()
    {
        using var data = new NumberedRows(1000, 100);
        using var sampler = new ShardSampler(data.Reader, 0, 1000, 100, 10, 3, 0);
        var first = Enumerable.Range(0, 20).Select(epoch => Read(sampler, 10 * epoch)[0] / 100).ToHashSet();
        Assert.InRange(first.Count, 5, 10);
        var batch = Read(sampler, 0);
        Assert.NotEqual(batch.Order(), batch);
    }

    [Fact]
    public async Task ReadBatch_WithinAPart_AllocatesNothing()
    {
        using var data = new NumberedRows(2000, 2000);
        using var sampler = new ShardSampler(data.Reader, 0, 2000, 32, 63, 1, 0);
        var target = new BatchTarget(new float[32], new long[32]);
        await sampler.ReadBatchAsync(0, target);
        await sampler.ReadBatchAsync(63, target);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 63; step < 126; step++)
        {
            await sampler.ReadBatchAsync(step, target);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task ReadBatch_PartsInMemory_AllocatesOnlyTheHoldOnEachPart()
    {
        using var data = new NumberedRows(2000, 100);
        using var sampler = new ShardSampler(data.Reader, 0, 2000, 32, 63, 1, 0);
        var target = new BatchTarget(new float[32], new long[32]);
        for (var step = 0; step < 63; step++)
        {
            await sampler.ReadBatchAsync(step, target);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 63; step < 63 * 20; step++)
        {
            var read = sampler.ReadBatchAsync(step, target).AsTask();
            Assert.True(read.IsCompletedSuccessfully);
            await read;
        }

        // A kilobyte a part: small objects that depend on the build, nothing of the size of a batch times its number.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 19 * 20 * 1024);
    }

    [Fact]
    public async Task ReadBatch_PartOfSeveral_TheNextOneIsFetchedMeanwhile()
    {
        using var data = new NumberedRows(100, 25);
        using var sampler = new ShardSampler(data.Reader, 0, 100, 5, 20, 1, 0);
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        data.Storage.Gate = _ =>
        {
            if (data.Storage.Requests.Count == 2)
            {
                second.SetResult();
            }

            return Task.CompletedTask;
        };
        var first = await NumberedRows.ReadAsync(sampler, 0);
        await second.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var names = data.Storage.Requests.ToArray();
        Assert.Equal(data.BlobName(first[0] / 25), names[0]);
        var next = await NumberedRows.ReadAsync(sampler, 5);
        Assert.Equal(data.BlobName(next[0] / 25), names[1]);
    }

    [Fact]
    public async Task ReadBatch_MorePartsThanFitTheBudget_MemoryStaysWithinIt()
    {
        const int PartBytes = 50 * 8;
        using var data = new NumberedRows(2000, 50, cacheBytes: 3 * PartBytes);
        using var one = new ShardSampler(data.Reader, 0, 1000, 16, 63, 1, 0);
        for (var step = 0; step < 63 * 3; step++)
        {
            await NumberedRows.ReadAsync(one, step);
            Assert.InRange(data.Reader.AllocatedBytes, PartBytes, 3 * PartBytes);
        }

        // Two of them may still be there when the next epoch begins.
        Assert.InRange(data.Reader.PartsLoaded, 3 * 18, (3 * 20) + 1);
    }

    [Fact]
    public async Task ReadBatch_AfterAFailedPart_TriesAgain()
    {
        using var data = new NumberedRows(10, 10);
        using var sampler = new ShardSampler(data.Reader, 0, 10, 10, 1, 1, 0);
        Assert.True(data.Storage.Blobs.TryRemove(data.BlobName(0), out var content));
        await Assert.ThrowsAsync<InvalidDataException>(() => NumberedRows.ReadAsync(sampler, 0));
        data.Storage.Blobs[data.BlobName(0)] = content;
        Assert.Equal(10, (await NumberedRows.ReadAsync(sampler, 0)).Length);
    }

    [Theory]
    [InlineData(-1, 10, 5, 2)]
    [InlineData(0, 11, 5, 3)]
    [InlineData(5, 6, 5, 2)]
    [InlineData(0, 10, 0, 2)]
    [InlineData(0, 10, 5, 1)]
    [InlineData(0, 0, 5, 1)]
    public void Constructor_RowsOrBatchesOutOfRange_Throws(long firstRow, long rows, int batchSize, int stepsPerEpoch)
    {
        using var data = new NumberedRows(10, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShardSampler(data.Reader, firstRow, rows, batchSize, stepsPerEpoch, 1, 0));
    }

    [Fact]
    public async Task ReadBatch_MemoryThatIsTooSmallOrForTheWrongLabels_IsRefused()
    {
        using var data = new NumberedRows(10, 4);
        using var sampler = new ShardSampler(data.Reader, 0, 10, 5, 2, 1, 0);
        await Assert.ThrowsAsync<ArgumentException>(async () => await sampler.ReadBatchAsync(0, new BatchTarget(new float[4], new long[5])));
        await Assert.ThrowsAsync<ArgumentException>(async () => await sampler.ReadBatchAsync(0, new BatchTarget(new float[5], new long[4])));
        await Assert.ThrowsAsync<ArgumentException>(async () => await sampler.ReadBatchAsync(0, new BatchTarget(new float[5], new float[5])));
    }

    // A change here breaks the reproducibility of every job that ever ran.
    private const string Recorded = "5,7,4,6,8 9,3,2,0,1 8,9,1,3,0 2,5,4,6,7";

    private static int[] Read(ShardSampler sampler, long step) => NumberedRows.ReadAsync(sampler, step).GetAwaiter().GetResult();

    private sealed record Case(int Rows, int PartRows, int Shards, int BatchSize, int Seed)
    {
        // As the planner does: contiguous shards whose sizes differ by at most one.
        public int FirstRow(int shard) => (int)((long)Rows * shard / Shards);

        public int StepsPerEpoch => (Enumerable.Range(0, Shards).Max(shard => FirstRow(shard + 1) - FirstRow(shard)) + BatchSize - 1) / BatchSize;

        public ShardSampler Sampler(NumberedRows data, int shard) =>
            new(data.Reader, FirstRow(shard), FirstRow(shard + 1) - FirstRow(shard), BatchSize, StepsPerEpoch, Seed, shard);
    }
}
