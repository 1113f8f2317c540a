using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Inference.Configuration;
using Serverless.Inference.Protocol;
using Serverless.Inference.Scheduling;

namespace Serverless.Inference.Tests.Scheduling;

public sealed class BatchSchedulerTests
{
    private static readonly ModelServingConfig WithDelay = SchedulerStand.UpTo(8) with
    {
        DynamicBatching = new DynamicBatching { MaxQueueDelayMicroseconds = 5_000, PreferredBatchSize = [4] },
    };

    private readonly SteppedClock _clock = new();

    [Fact]
    public async Task RunAsync_InstanceFree_RunsOnTheCallersThread()
    {
        using var stand = new SchedulerStand(SchedulerStand.UpTo(8), _clock);

        var run = stand.RunAsync(stand.Request(2, 5));

        Assert.True(run.IsCompletedSuccessfully);
        Assert.Equal((float[])[5, 6, 7, 8], await run);
        Assert.Equal(1, stand.Statistics.Read().Executions);
    }

    [Fact]
    public async Task RunAsync_SeveralWaiting_RunAsOneAndEachGetsItsRows()
    {
        using var stand = new SchedulerStand(SchedulerStand.UpTo(8), _clock);
        stand.Occupy();
        Task<float[]>[] runs = [stand.RunAsync(stand.Request(1, 10)), stand.RunAsync(stand.Request(2, 20)), stand.RunAsync(stand.Request(1, 30))];
        Assert.Equal(3, stand.Statistics.Read().Pending);
        Assert.All(runs, run => Assert.False(run.IsCompleted));

        stand.Free();
        var results = await Task.WhenAll(runs);

        Assert.Equal((float[])[10, 11], results[0]);
        Assert.Equal((float[])[20, 21, 22, 23], results[1]);
        Assert.Equal((float[])[30, 31], results[2]);
        var counts = stand.Statistics.Read();
        Assert.Equal(1, counts.Executions);
        Assert.Equal(4, counts.Inferences);
        Assert.Equal(0, counts.Pending);
        Assert.Equal(4, Assert.Single(counts.Batches).BatchSize);
    }

    [Fact]
    public async Task RunAsync_OthersReceivedButNotRead_RunsWithThem()
    {
        var test = Environment.CurrentManagedThreadId;
        using var read = new ManualResetEventSlim();
        using var stand = new SchedulerStand(SchedulerStand.UpTo(8), _clock, unread: () =>
        {
            if (Environment.CurrentManagedThreadId != test)
            {
                read.Wait();
            }

            return read.IsSet ? 0 : 1;
        });

        Task<float[]>[] runs = [stand.RunAsync(stand.Request(1, 10)), stand.RunAsync(stand.Request(1, 20))];
        Assert.All(runs, run => Assert.False(run.IsCompleted));
        read.Set();
        var results = await Task.WhenAll(runs);

        Assert.Equal((float[])[10, 11], results[0]);
        Assert.Equal((float[])[20, 21], results[1]);
        Assert.Equal(1, stand.Statistics.Read().Executions);
    }

    [Fact]
    public async Task RunAsync_MoreWaitingThanTheBatchHolds_TakesSeveralRuns()
    {
        using var stand = new SchedulerStand(SchedulerStand.UpTo(4), _clock);
        stand.Occupy();
        var runs = Enumerable.Range(0, 10).Select(i => stand.RunAsync(stand.Request(1, i))).ToList();

        stand.Free();
        var results = await Task.WhenAll(runs);

        Assert.All(results.Index(), result => Assert.Equal([result.Index, result.Index + 1], result.Item));
        Assert.Equal(3, stand.Statistics.Read().Executions);
    }

    [Fact]
    public async Task RunAsync_PreferredSizes_FormsTheLargestThatIsThere()
    {
        var config = SchedulerStand.UpTo(16) with { DynamicBatching = new DynamicBatching { PreferredBatchSize = [2, 4] } };
        using var stand = new SchedulerStand(config, _clock);
        stand.Occupy();
        var runs = Enumerable.Range(0, 7).Select(i => stand.RunAsync(stand.Request(1, i))).ToList();

        stand.Free();
        await Task.WhenAll(runs);

        Assert.Equal([(1L, 1L), (2, 1), (4, 1)], stand.Statistics.Read().Batches.Select(batch => (batch.BatchSize, batch.ComputeInfer.Count)));
    }

    [Fact]
    public async Task RunAsync_DifferentShapes_AreNotJoined()
    {
        using var stand = new SchedulerStand(SchedulerStand.UpTo(8), _clock, TestModels.Identity(new TestTensor("x", TensorElementType.Float, -1, -1)));
        stand.Occupy();
        var two = stand.RunAsync(stand.Request(MemoryMarshal.AsBytes<float>([1, 2]), 1, 2));
        var three = stand.RunAsync(stand.Request(MemoryMarshal.AsBytes<float>([3, 4, 5]), 1, 3));

        stand.Free();

        Assert.Equal((float[])[1, 2], await two);
        Assert.Equal((float[])[3, 4, 5], await three);
        Assert.Equal(2, stand.Statistics.Read().Executions);
    }

    [Fact]
    public async Task RunAsync_OneOfTheJoinedIsWrong_FailsAlone()
    {
        var model = TestModels.Pick(new TestTensor("data", TensorElementType.Float, -1, 3), new TestTensor("places", TensorElementType.Int64, -1, 1));
        using var stand = new SchedulerStand(SchedulerStand.UpTo(8), _clock, model);
        stand.Occupy();
        var right = stand.RunAsync(stand.Request([1, 2, 3], [2L], 1));
        var wrong = stand.RunAsync(stand.Request([4, 5, 6], [7L], 1));
        var alsoRight = stand.RunAsync(stand.Request([7, 8, 9], [0L], 1));

        stand.Free();

        Assert.Equal((float[])[3], await right);
        Assert.Equal((float[])[7], await alsoRight);
        Assert.Equal(400, (await Assert.ThrowsAsync<ProtocolException>(() => wrong)).Status);
        Assert.Equal(1, stand.Statistics.Read().Backend);
        Assert.Equal(2, stand.Statistics.Read().Success.Count);
    }

    [Fact]
    public async Task RunAsync_QueueFull_Is503AtOnceAndTheOthersAreServed()
    {
        var config = SchedulerStand.UpTo(8) with { DynamicBatching = new DynamicBatching { DefaultQueuePolicy = new QueuePolicy { MaxQueueSize = 2 } } };
        using var stand = new SchedulerStand(config, _clock);
        stand.Occupy();
        var first = stand.RunAsync(stand.Request(1, 1));
        var second = stand.RunAsync(stand.Request(1, 2));

        var full = await Assert.ThrowsAsync<ProtocolException>(() => stand.RunAsync(stand.Request(1, 3)));
        stand.Free();

        Assert.Equal(503, full.Status);
        Assert.Contains("2 requests", full.Message, StringComparison.Ordinal);
        Assert.Equal((float[])[1, 2], await first);
        Assert.Equal((float[])[2, 3], await second);
        Assert.Equal(1, stand.Statistics.Read().Rejected);
    }

    [Fact]
    public async Task RunAsync_WaitedLongerThanItsTimeout_Is503WithoutWaitingForTheInstance()
    {
        var policy = new QueuePolicy { DefaultTimeoutMicroseconds = 10_000, AllowTimeoutOverride = true };
        using var stand = new SchedulerStand(SchedulerStand.UpTo(8) with { DynamicBatching = new DynamicBatching { DefaultQueuePolicy = policy } }, _clock);
        stand.Occupy();
        var patient = stand.RunAsync(stand.Request(1, 1, timeout: 50_000));
        var hasty = stand.RunAsync(stand.Request(1, 2, timeout: 3_000));

        _clock.Advance(TimeSpan.FromMilliseconds(3));
        Assert.Equal(503, (await Assert.ThrowsAsync<ProtocolException>(() => hasty)).Status);
        Assert.False(patient.IsCompleted);

        _clock.Advance(TimeSpan.FromMilliseconds(7));
        Assert.Equal(503, (await Assert.ThrowsAsync<ProtocolException>(() => patient)).Status);
        stand.Free();
        Assert.Equal(2, stand.Statistics.Read().Rejected);
        Assert.Equal((float[])[9, 10], await stand.RunAsync(stand.Request(1, 9)));
    }

    [Fact]
    public async Task RunAsync_CancelledWhileItWaits_LeavesTheQueueAtOnce()
    {
        using var stand = new SchedulerStand(SchedulerStand.UpTo(8), _clock);
        using var gone = new CancellationTokenSource();
        stand.Occupy();
        var stays = stand.RunAsync(stand.Request(1, 1));
        var leaves = stand.RunAsync(stand.Request(1, 2), gone.Token);

        await gone.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => leaves);
        Assert.Equal(1, stand.Statistics.Read().Pending);
        stand.Free();

        Assert.Equal((float[])[1, 2], await stays);
        Assert.Equal(1, stand.Statistics.Read().Cancelled);
        Assert.Equal(1, Assert.Single(stand.Statistics.Read().Batches).BatchSize);
    }

    [Fact]
    public async Task RunAsync_HigherPriority_IsServedFirst()
    {
        var config = SchedulerStand.UpTo(0) with { DynamicBatching = new DynamicBatching { PriorityLevels = 3, DefaultPriorityLevel = 2 } };
        using var stand = new SchedulerStand(config, new SteppedClock { MovesWhenLookedAt = true });
        stand.Occupy();
        InferenceRequest[] requests =
            [stand.Request(1, 0, priority: 3), stand.Request(1, 1), stand.Request(1, 2, priority: 1), stand.Request(1, 3, priority: 9), stand.Request(1, 4, priority: 1)];
        var runs = requests.Select(request => stand.Scheduler.RunAsync(request, CancellationToken.None).AsTask()).ToList();

        stand.Free();
        foreach (var outputs in await Task.WhenAll(runs))
        {
            outputs.Dispose();
        }

        Assert.Equal([2, 4, 1, 3, 0], requests.Index().OrderBy(request => request.Item.Pending!.Started).Select(request => request.Index));
    }

    [Fact]
    public async Task RunAsync_DelayAndOthersAbout_WaitsForThemButNoLongerThanTheDelay()
    {
        using var stand = new SchedulerStand(WithDelay, _clock);
        await CrowdAsync(stand);

        var run = stand.RunAsync(stand.Request(1, 1));
        Assert.False(run.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(4));
        Assert.False(run.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal((float[])[1, 2], await run);
    }

    [Fact]
    public async Task RunAsync_DelayAndPreferredSizeReached_RunsAtOnce()
    {
        using var stand = new SchedulerStand(WithDelay, _clock);
        await CrowdAsync(stand);

        var runs = Enumerable.Range(0, 4).Select(i => stand.RunAsync(stand.Request(1, i))).ToList();

        await Task.WhenAll(runs);
        Assert.Equal(2, stand.Statistics.Read().Batches.Single(batch => batch.BatchSize == 4).ComputeInfer.Count);
    }

    [Fact]
    public async Task RunAsync_ModelTakesLong_RunsOnAThreadOfItsOwnWhereOthersWait()
    {
        var clock = new SteppedClock { MovesWhenLookedAt = true, Step = TimeSpan.TicksPerMillisecond * 2 };
        using var stand = new SchedulerStand(SchedulerStand.UpTo(8), clock);
        for (var known = 0; known < 3; known++)
        {
            Assert.True(stand.RunAsync(stand.Request(1, 1)).IsCompletedSuccessfully);
        }

        Assert.DoesNotContain("inference m", clock.Threads);
        stand.Occupy();
        var one = stand.RunAsync(stand.Request(1, 10));
        stand.Free();
        Assert.Equal((float[])[10, 11], await one);
        Assert.Contains("inference m", clock.Threads);

        stand.Occupy();
        Task<float[]>[] two = [stand.RunAsync(stand.Request(1, 20)), stand.RunAsync(stand.Request(1, 30))];
        stand.Free();
        Assert.Equal((float[])[20, 21], await two[0]);
        Assert.Equal((float[])[30, 31], await two[1]);
    }

    [Fact]
    public async Task RunAsync_DelayShorterThanATimerCounts_EndsToo()
    {
        var config = SchedulerStand.UpTo(8) with { DynamicBatching = new DynamicBatching { MaxQueueDelayMicroseconds = 300, PreferredBatchSize = [4] } };
        using var stand = new SchedulerStand(config, TimeProvider.System);
        await CrowdAsync(stand);

        Assert.Equal((float[])[1, 2], await stand.RunAsync(stand.Request(1, 1)));
    }

    [Fact]
    public async Task RunAsync_JoinedWithOutputsOfUnknownShape_EachGetsItsRows()
    {
        using var stand = new SchedulerStand(SchedulerStand.UpTo(8), _clock, TestModels.Identity(new TestTensor("x", TensorElementType.Float, -1, -1)));
        for (var turn = 0; turn < 3; turn++)
        {
            stand.Occupy();
            var one = stand.RunAsync(stand.Request(MemoryMarshal.AsBytes<float>([1, 2, 3]), 1, 3));
            var two = stand.RunAsync(stand.Request(MemoryMarshal.AsBytes<float>([4, 5, 6, 7, 8, 9]), 2, 3));

            stand.Free();

            Assert.Equal((float[])[1, 2, 3], await one);
            Assert.Equal((float[])[4, 5, 6, 7, 8, 9], await two);
        }

        Assert.Equal(3, stand.Statistics.Read().Executions);
    }

    [Fact]
    public async Task RunAsync_OutputsShapeIsNotWhatItsNamesPromise_IsAskedForAfterTheRun()
    {
        using var stand = new SchedulerStand(SchedulerStand.UpTo(0), _clock, TestModels.Twice());
        for (var turn = 0; turn < 3; turn++)
        {
            Assert.Equal((float[])[1, 2, 1, 2], await stand.RunAsync(stand.Request(MemoryMarshal.AsBytes<float>([1, 2]), 2)));
        }

        Assert.Equal(3, stand.Statistics.Read().Success.Count);
    }

    [Fact]
    public void RunAsync_DelayAndNobodyElse_DoesNotWait()
    {
        var config = SchedulerStand.UpTo(8) with { DynamicBatching = new DynamicBatching { MaxQueueDelayMicroseconds = 5_000 } };
        using var stand = new SchedulerStand(config, _clock);

        for (var i = 0; i < 3; i++)
        {
            Assert.True(stand.RunAsync(stand.Request(1, i)).IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task RunAsync_BatchLargerThanTheModels_IsTheClientsFault()
    {
        using var stand = new SchedulerStand(SchedulerStand.UpTo(4), _clock);

        var wrong = await Assert.ThrowsAsync<ProtocolException>(() => stand.RunAsync(stand.Request(5, 0)));

        Assert.Equal(400, wrong.Status);
        Assert.Contains("max_batch_size of 4", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gate_TwoModelsWait_TheOneThatHadLessGoesFirst()
    {
        var clock = new SteppedClock { MovesWhenLookedAt = true };
        var gate = new ComputeGate(1);
        using var greedy = new SchedulerStand(SchedulerStand.UpTo(0), clock, gate: gate);
        using var modest = new SchedulerStand(SchedulerStand.UpTo(0), clock, gate: gate);
        greedy.Occupy();
        InferenceRequest[] requests = [greedy.Request(1, 1), greedy.Request(1, 2), modest.Request(1, 3), modest.Request(1, 4)];
        var runs = requests.Select((request, i) => (i < 2 ? greedy : modest).Scheduler.RunAsync(request, CancellationToken.None).AsTask()).ToList();

        gate.Exit(greedy.Scheduler, 1_000_000);
        await Task.WhenAll(runs);

        var order = requests.Index().OrderBy(request => request.Item.Pending!.Started).Select(request => request.Index).ToList();
        Assert.Equal([2, 3, 0, 1], order);
    }

    [Fact]
    public async Task RunAsync_ManyAtOnce_EachGetsItsOwnAndNothingIsLost()
    {
        const int Clients = 8;
        const int Requests = 300;
        using var stand = new SchedulerStand(SchedulerStand.UpTo(16), TimeProvider.System, gate: new ComputeGate(2), instances: 2);
        var rows = 0;

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            for (var i = 0; i < Requests; i++)
            {
                var count = random.Next(1, 4);
                var value = (client * 10_000) + (i * 10);
                Interlocked.Add(ref rows, count);
                Assert.Equal(Enumerable.Range(value, 2 * count).Select(number => (float)number), await stand.RunAsync(stand.Request(count, value)));
                await Task.Yield();
            }
        })));

        var counts = stand.Statistics.Read();
        Assert.Equal(Clients * Requests, counts.Success.Count);
        Assert.Equal(rows, counts.Inferences);
        Assert.Equal(rows, counts.Batches.Sum(batch => batch.BatchSize * batch.ComputeInfer.Count));
        Assert.Equal(0, counts.Pending);
    }

    [Fact]
    public async Task RunAsync_AgainWithTheSameShape_AllocatesNothing()
    {
        using var stand = new SchedulerStand(SchedulerStand.UpTo(8), TimeProvider.System);
        using var request = stand.Request(2, 5);
        for (var warm = 0; warm < 100; warm++)
        {
            (await stand.Scheduler.RunAsync(request, CancellationToken.None)).Dispose();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < 1000; run++)
        {
            (await stand.Scheduler.RunAsync(request, CancellationToken.None)).Dispose();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Four requests at the same time: from then on the scheduler knows of four clients.
    private static async Task CrowdAsync(SchedulerStand stand)
    {
        stand.Occupy();
        var crowd = Enumerable.Range(0, 4).Select(i => stand.RunAsync(stand.Request(1, i))).ToList();
        stand.Free();
        await Task.WhenAll(crowd);
    }
}
