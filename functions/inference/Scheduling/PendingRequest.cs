using System.Threading.Tasks.Sources;
using Serverless.Inference.Execution;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Scheduling;

/// <summary>A request on its way through the scheduler. It belongs to the request and is used again with it.</summary>
/// <param name="request">The request.</param>
internal sealed class PendingRequest(InferenceRequest request) : IValueTaskSource<InferenceOutputs>
{
    private static readonly Action<object?, CancellationToken> OnCancelled = static (state, cancellation) =>
    {
        var pending = (PendingRequest)state!;
        pending._scheduler!.Cancel(pending, cancellation);
    };

    private ManualResetValueTaskSourceCore<InferenceOutputs> _done;
    private CancellationTokenRegistration _cancellation;
    private BatchScheduler? _scheduler;

    /// <summary>The request.</summary>
    public InferenceRequest Request { get; } = request;

    /// <summary>Its outputs, once it has run.</summary>
    public InferenceOutputs Outputs { get; } = new();

    /// <summary>Its rows; 0 where it cannot be joined with others.</summary>
    public long Rows { get; private set; }

    /// <summary>The timestamp at which it came.</summary>
    public long Arrived { get; private set; }

    /// <summary>The timestamp at which it was taken out of the queue, or came where it did not have to wait.</summary>
    public long Started { get; set; }

    /// <summary>The timestamp until which it may wait.</summary>
    public long Deadline { get; set; }

    /// <summary>The queue in which it waits; null where it waits in none.</summary>
    public RequestQueue? Queue { get; set; }

    /// <summary>Its neighbours in the queue.</summary>
    public PendingRequest? Previous { get; set; }

    /// <summary>Its neighbours in the queue.</summary>
    public PendingRequest? Next { get; set; }

    /// <summary>Begins anew.</summary>
    public void Begin(BatchScheduler scheduler, long now, long rows)
    {
        _scheduler = scheduler;
        Arrived = now;
        Started = now;
        Rows = rows;
        Deadline = long.MaxValue;
    }

    /// <summary>A task that ends with the request. Called once the request waits, before anything else can complete it for certain.</summary>
    public ValueTask<InferenceOutputs> Wait(CancellationToken cancellation)
    {
        var task = new ValueTask<InferenceOutputs>(this, _done.Version);
        if (cancellation.CanBeCanceled)
        {
            _cancellation = cancellation.UnsafeRegister(OnCancelled, this);
        }

        return task;
    }

    /// <summary>Makes ready for being waited for.</summary>
    public void Reset() => _done.Reset();

    /// <summary>Ends the wait.</summary>
    /// <param name="isLast">Whether this thread has nothing else to do, so that it may go on with the request itself.</param>
    public void Succeed(bool isLast)
    {
        _done.RunContinuationsAsynchronously = !isLast;
        _done.SetResult(Outputs);
    }

    /// <summary>Ends the wait with an error.</summary>
    public void Fail(Exception error)
    {
        _done.RunContinuationsAsynchronously = true;
        _done.SetException(error);
    }

    InferenceOutputs IValueTaskSource<InferenceOutputs>.GetResult(short token)
    {
        // Waits for a cancellation that is going on at this moment: it must not meet the next use of this object.
        _cancellation.Dispose();
        _cancellation = default;
        return _done.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<InferenceOutputs>.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource<InferenceOutputs>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);
}
