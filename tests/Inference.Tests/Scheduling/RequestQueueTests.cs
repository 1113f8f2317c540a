using Serverless.Inference.Configuration;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;
using Serverless.Inference.Scheduling;

namespace Serverless.Inference.Tests.Scheduling;

public sealed class RequestQueueTests
{
    private const long Frequency = 1_000_000;

    private static readonly ModelSignature Signature = new([new TensorSignature("x", Datatype.Fp32, -1)], []);

    [Theory]
    [InlineData(0, 0, true, long.MaxValue)]
    [InlineData(500, 0, true, 500)]
    [InlineData(500, 200, true, 200)]
    [InlineData(500, 900, true, 500)]
    [InlineData(500, 200, false, 500)]
    [InlineData(0, 200, true, 200)]
    public void TryAdd_OwnTimeout_OnlyShortens(long configured, long own, bool allowed, long deadline)
    {
        var queue = new RequestQueue(new QueuePolicy { DefaultTimeoutMicroseconds = configured, AllowTimeoutOverride = allowed }, Frequency);

        Assert.True(queue.TryAdd(Pending(own)));

        Assert.Equal(deadline, queue.NextDeadline);
    }

    [Fact]
    public void Expire_Reject_TakesOutThoseThatWaitedTooLong()
    {
        var queue = new RequestQueue(new QueuePolicy { AllowTimeoutOverride = true }, Frequency);
        PendingRequest[] requests = [Pending(300), Pending(0), Pending(100), Pending(200)];
        Assert.All(requests, request => Assert.True(queue.TryAdd(request)));
        var rejected = new List<PendingRequest>();

        queue.Expire(200, rejected);

        Assert.Equal([requests[2], requests[3]], rejected);
        Assert.Equal([requests[0], requests[1]], Drain(queue));
        Assert.Equal(300, queue.NextDeadline);
    }

    [Fact]
    public void Expire_Delay_ServesThemAfterAllThatAreInTime()
    {
        var policy = new QueuePolicy { AllowTimeoutOverride = true, TimeoutAction = TimeoutAction.Delay };
        var queue = new RequestQueue(policy, Frequency);
        PendingRequest[] requests = [Pending(100), Pending(0), Pending(100), Pending(0)];
        Assert.All(requests, request => Assert.True(queue.TryAdd(request)));
        var rejected = new List<PendingRequest>();

        queue.Expire(150, rejected);
        var late = Pending(0);
        Assert.True(queue.TryAdd(late));
        queue.Expire(1000, rejected);

        Assert.Empty(rejected);
        Assert.Equal([requests[1], requests[3], late, requests[0], requests[2]], Drain(queue));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Remove_InTheMiddle_KeepsTheOrderOfTheOthers()
    {
        var queue = new RequestQueue(new QueuePolicy { MaxQueueSize = 3 }, Frequency);
        PendingRequest[] requests = [Pending(0), Pending(0), Pending(0)];
        Assert.All(requests, request => Assert.True(queue.TryAdd(request)));
        Assert.False(queue.TryAdd(Pending(0)));

        queue.Remove(requests[1]);

        Assert.Null(requests[1].Queue);
        Assert.Equal([requests[0], requests[2]], Drain(queue));
    }

    private static List<PendingRequest> Drain(RequestQueue queue)
    {
        var drained = new List<PendingRequest>();
        while (queue.First is { } first)
        {
            queue.Remove(first);
            drained.Add(first);
        }

        return drained;
    }

    private static PendingRequest Pending(long timeout)
    {
        var pending = new PendingRequest(new InferenceRequest(Signature) { TimeoutMicroseconds = timeout });
        pending.Begin(null!, now: 0, rows: 1);
        return pending;
    }
}
