using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.ML.OnnxRuntime;
using Serverless.Inference.Configuration;
using Serverless.Inference.Execution;
using Serverless.Inference.Protocol;
using Serverless.Inference.Statistics;

namespace Serverless.Inference.Scheduling;

/// <summary>
/// Decides when each request to a model runs, where, and together with which others. A request that finds an instance free runs at once on the thread that brought it.
/// Otherwise it waits, and whatever waits when an instance becomes free is joined to one batch, as far as that has proved to be faster. Where it has, a request also
/// lets those go first that have been received and not been read yet, and runs together with them: that costs no time, as the thread does their work meanwhile.
/// </summary>
internal sealed class BatchScheduler : IDisposable
{
    // Joining more than this is no faster, and the copy would be kept.
    private const long MaxJoinedBytes = 64 << 20;

    // From the socket to here a request is handed on by the thread pool so many times: after as many turns of the pool, all that had been received is here.
    private const int GatheringTurns = 2;

    // A thread of the pool that runs a model reads no requests and refuses none: longer runs than this get a thread of their own.
    private static readonly TimeSpan LongRun = TimeSpan.FromMilliseconds(1);

    // Below this a timer is no help: it counts in milliseconds.
    private static readonly TimeSpan TimerStep = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private readonly ModelServingConfig _config;
    private readonly DynamicBatching _batching;
    private readonly ModelStatistics _statistics;
    private readonly ComputeGate _gate;
    private readonly TimeProvider _time;
    private readonly Func<long> _unread;
    private readonly RequestQueue[] _queues;
    private readonly ModelInstance[] _instances;
    private readonly Stack<ModelInstance> _free;
    private readonly BatchTimes _times = new();
    private readonly List<PendingRequest> _rejected = [];
    private readonly long _delay;
    private readonly double _longRun;
    private readonly ITimer _timer;
    private readonly WaitCallback _yield;
    private readonly WaitCallback _gather;
    private long _timerDue = long.MaxValue;
    private long _yieldDue;
    private int _waiting;
    private long _waitingRows;
    private int _inFlight;
    private double _clients;
    private bool _isYielding;
    private bool _isGathering;
    private int _turns;

    /// <summary>How long its runs have used the processor, in timestamps; the gate's business.</summary>
    public long Served;

    /// <summary>Makes a scheduler with all instances free.</summary>
    /// <param name="config">The model's configuration, with everything stated.</param>
    /// <param name="sessions">The session of each instance; instances may share one.</param>
    /// <param name="statistics">Where what happens is counted.</param>
    /// <param name="gate">The processor, which all models share.</param>
    /// <param name="time">The clock.</param>
    /// <param name="unread">Tells how much has been received that no thread has begun with.</param>
    public BatchScheduler(
        ModelServingConfig config, IEnumerable<ModelSession> sessions, ModelStatistics statistics, ComputeGate gate, TimeProvider time, Func<long> unread)
    {
        _config = config;
        _batching = config.DynamicBatching!;
        _statistics = statistics;
        _gate = gate;
        _time = time;
        _unread = unread;
        _queues = [.. Enumerable.Range(1, Math.Max(1, _batching.PriorityLevels)).Select(level => new RequestQueue(
            _batching.PriorityQueuePolicy.GetValueOrDefault(level, _batching.DefaultQueuePolicy), time.TimestampFrequency))];
        _instances = [.. sessions.Select(session => new ModelInstance(this, session, statistics.Model))];
        _free = new Stack<ModelInstance>(_instances.Reverse());
        _delay = (long)(_batching.MaxQueueDelayMicroseconds * (time.TimestampFrequency / 1e6));
        _longRun = LongRun.TotalSeconds * time.TimestampFrequency;
        _timer = time.CreateTimer(static scheduler => ((BatchScheduler)scheduler!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _yield = _ => YieldUntilDue();
        _gather = _ => Gather();
    }

    /// <summary>Runs a request when its turn comes.</summary>
    /// <exception cref="ProtocolException">As of <see cref="ModelRunner.RunAsync"/>.</exception>
    public ValueTask<InferenceOutputs> RunAsync(InferenceRequest request, CancellationToken cancellation)
    {
        var pending = request.Pending ??= new PendingRequest(request);
        var rows = CountRows(request);
        if (rows > _config.MaxBatchSize)
        {
            throw ProtocolException.BadRequest(string.Create(
                CultureInfo.InvariantCulture, $"The batch of {rows} is larger than the model's max_batch_size of {_config.MaxBatchSize}."));
        }

        pending.Begin(this, _time.GetTimestamp(), rows);

        // Asked outside of the lock: it has to be counted.
        var othersCome = rows > 0 && _unread() > 0;
        ModelInstance? instance;
        bool gathers;
        bool begins;
        lock (_lock)
        {
            _inFlight++;
            _clients = Math.Max(_clients, _inFlight);
            gathers = _isGathering || (othersCome && _free.Count > 0 && _times.JoiningPays());
            instance = gathers ? null : TryStart(pending);
            if (instance is null)
            {
                Enqueue(pending);
            }

            begins = gathers && !_isGathering;
            _isGathering = gathers;
        }

        if (instance is not null)
        {
            return ValueTask.FromResult(RunAlone(instance, pending));
        }

        var task = pending.Wait(cancellation);
        if (begins)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_gather, null);
        }
        else if (!gathers)
        {
            Pump(hasPermit: false);
        }

        return task;
    }

    /// <summary>Takes a request out of the queue; one that runs already is left alone.</summary>
    public void Cancel(PendingRequest pending, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (pending.Queue is null)
            {
                return;
            }

            Dequeue(pending);
            _inFlight--;
        }

        _statistics.Failed(FailureReason.Cancelled, _time.GetTimestamp() - pending.Arrived);
        pending.Fail(new OperationCanceledException(cancellation));
    }

    /// <summary>Runs the batch that an instance was given.</summary>
    public void Run(ModelInstance instance)
    {
        // Whether this is the instance's own thread, which may be needed for the next batch as soon as this one has run.
        var isLong = instance.IsLong;
        if (instance.Batch.Count > 1)
        {
            RunJoined(instance, isLong);
        }
        else
        {
            var pending = instance.Batch[0];
            instance.Batch.Clear();
            try
            {
                RunAlone(instance, pending);
                pending.Succeed(isLast: !isLong);
            }
            catch (Exception failed)
            {
                pending.Fail(failed);
            }
        }
    }

    /// <summary>Takes the permit that the gate has for this model, which gives it back if there is nothing to run.</summary>
    public void Permit() => Pump(hasPermit: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        foreach (var instance in _instances)
        {
            instance.Dispose();
        }
    }

    private long CountRows(InferenceRequest request)
    {
        if (_config.MaxBatchSize is not > 0 || request.Inputs.Count == 0)
        {
            return 0;
        }

        var rows = -1L;

        // By index: an enumerator of a list behind an interface would be allocated.
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            var first = request.Inputs[i].Shape[0];
            if (rows >= 0 && first != rows)
            {
                return 0;
            }

            rows = first;
        }

        return rows;
    }

    // The short way: nobody waits, an instance is free, and there is nobody to wait for, or who would have to wait for this thread.
    private ModelInstance? TryStart(PendingRequest pending)
    {
        var isLong = _inFlight > 1 && _times.Expect(pending.Rows) > _longRun;
        if (isLong || _waiting > 0 || !_free.TryPeek(out var instance) || (_delay > 0 && WaitUntil(pending, pending.Rows, pending.Arrived) > pending.Arrived)
            || (instance.Session.IsOnProcessor && !_gate.TryEnter()))
        {
            return null;
        }

        _free.Pop();
        return instance;
    }

    private void Enqueue(PendingRequest pending)
    {
        var queue = _queues[Level(pending.Request)];
        if (!queue.TryAdd(pending))
        {
            _inFlight--;
            _statistics.Failed(FailureReason.Rejected, 0);
            throw Unavailable(string.Create(
                CultureInfo.InvariantCulture, $"The model has {queue.Capacity} requests waiting, which is the most it takes (max_queue_size); try again later."));
        }

        pending.Reset();
        _waiting++;
        _waitingRows += Math.Max(1, pending.Rows);
        _statistics.Pending(_waiting);
    }

    private void Dequeue(PendingRequest pending)
    {
        pending.Queue!.Remove(pending);
        _waiting--;
        _waitingRows -= Math.Max(1, pending.Rows);
        _statistics.Pending(_waiting);
    }

    private int Level(InferenceRequest request)
    {
        var isKnown = request.Priority >= 1 && request.Priority <= _batching.PriorityLevels;
        return Math.Max(isKnown ? (int)request.Priority : _batching.DefaultPriorityLevel, 1) - 1;
    }

    private void Pump(bool hasPermit)
    {
        while (true)
        {
            ModelInstance? instance;
            List<PendingRequest>? rejected;
            lock (_lock)
            {
                rejected = Expire(_time.GetTimestamp());
                instance = TakeBatch(ref hasPermit);
            }

            Reject(rejected);
            if (instance is null)
            {
                break;
            }

            instance.Begin();
        }

        if (hasPermit)
        {
            _gate.Exit(this, 0);
        }
    }

    // Goes to the end of the pool's queue until the requests that were there before have come; then runs what waits, on this thread.
    private void Gather()
    {
        if (_turns < GatheringTurns && _unread() > 0)
        {
            _turns++;
            ThreadPool.UnsafeQueueUserWorkItem(_gather, null);
            return;
        }

        var hasPermit = false;
        ModelInstance? instance;
        List<PendingRequest>? rejected;
        lock (_lock)
        {
            _turns = 0;
            _isGathering = false;
            rejected = Expire(_time.GetTimestamp());
            instance = TakeBatch(ref hasPermit);
        }

        Reject(rejected);
        if (instance is not null)
        {
            Pump(hasPermit: false);
            if (instance.IsLong)
            {
                instance.Begin();
            }
            else
            {
                Run(instance);
            }
        }
    }

    private ModelInstance? TakeBatch(ref bool hasPermit)
    {
        if (_waiting == 0 || !_free.TryPeek(out var instance))
        {
            ArmDeadline();
            return null;
        }

        var now = _time.GetTimestamp();
        var first = FirstWaiting();
        if (_delay > 0 && WaitUntil(first, _waitingRows, now) is var until && until > now)
        {
            ArmDelay(until);
            ArmDeadline();
            return null;
        }

        if (instance.Session.IsOnProcessor)
        {
            if (!hasPermit && !_gate.TryEnterOrWait(this))
            {
                ArmDeadline();
                return null;
            }

            hasPermit = false;
        }

        _free.Pop();
        var rows = Fill(instance.Batch, first, now);
        instance.IsLong = _times.Expect(rows) > _longRun;
        return instance;
    }

    private long Fill(List<PendingRequest> batch, PendingRequest first, long now)
    {
        var limit = first.Rows == 0 ? 0 : _times.Choose(Preferred(_waitingRows));
        var rows = 0L;
        var bytes = 0L;
        foreach (var queue in _queues)
        {
            while (queue.First is { } pending)
            {
                bytes += InputBytes(pending);
                if (batch.Count > 0 && (rows + pending.Rows > limit || bytes > MaxJoinedBytes || !AreAlike(first.Request, pending)))
                {
                    return rows;
                }

                Dequeue(pending);
                pending.Started = now;
                rows += pending.Rows;
                batch.Add(pending);
            }
        }

        return rows;
    }

    // The largest preferred size that is there; where there is none, everything.
    private long Preferred(long rows)
    {
        rows = Math.Min(rows, _config.MaxBatchSize!.Value);
        for (var i = _batching.PreferredBatchSize.Count - 1; i >= 0; i--)
        {
            if (_batching.PreferredBatchSize[i] <= rows)
            {
                return _batching.PreferredBatchSize[i];
            }
        }

        return rows;
    }

    /// <summary>The timestamp until which it is worth keeping an instance free for a larger batch.</summary>
    private long WaitUntil(PendingRequest first, long rows, long now)
    {
        var target = _batching.PreferredBatchSize.Count > 0 ? _batching.PreferredBatchSize[0] : _config.MaxBatchSize ?? 0;

        // Clients that have been here lately and have no request here now; where there are none, nobody will come.
        var others = _clients - _inFlight;
        return first.Rows == 0 || rows >= target || others < 1 || !_times.Pays(rows, target) ? now : first.Arrived + _delay;
    }

    private PendingRequest FirstWaiting()
    {
        foreach (var queue in _queues)
        {
            if (queue.First is { } first)
            {
                return first;
            }
        }

        throw new InvalidOperationException("No request waits.");
    }

    private static long InputBytes(PendingRequest pending)
    {
        var bytes = 0L;
        for (var i = 0; i < pending.Request.Inputs.Count; i++)
        {
            bytes += pending.Request.Inputs[i].Bytes;
        }

        return bytes;
    }

    private static bool AreAlike(InferenceRequest first, PendingRequest pending)
    {
        if (pending.Rows == 0)
        {
            return false;
        }

        for (var i = 0; i < first.Inputs.Count; i++)
        {
            var input = first.Inputs[i];
            if (!BatchMemory.Find(pending.Request, input.Signature, i).Shape.AsSpan(1).SequenceEqual(input.Shape.AsSpan(1)))
            {
                return false;
            }
        }

        return true;
    }

    private InferenceOutputs RunAlone(ModelInstance instance, PendingRequest pending)
    {
        var started = _time.GetTimestamp();
        var ended = started;
        var succeeded = false;
        try
        {
            instance.Session.Run(pending.Request, pending.Outputs);
            ended = _time.GetTimestamp();
            succeeded = true;
            return pending.Outputs;
        }
        catch (OnnxRuntimeException refused)
        {
            throw Refused(refused);
        }
        finally
        {
            var rows = Math.Max(1, pending.Rows);
            Release(instance, 1, succeeded ? rows : 0, ended - started);
            Count(pending, succeeded, rows, started, started, ended, ended);
            if (succeeded)
            {
                _statistics.Executed(rows, 0, ended - started, 0);
            }
        }
    }

    private void RunJoined(ModelInstance instance, bool isLong)
    {
        var batch = instance.Batch;
        var rows = 0L;
        foreach (var pending in batch)
        {
            rows += pending.Rows;
        }

        var started = _time.GetTimestamp();
        var memory = instance.TakeMemory();
        long joined;
        long ended;
        try
        {
            var run = memory.Join(batch, (int)rows);
            joined = _time.GetTimestamp();
            memory.Run(run, batch);
            ended = _time.GetTimestamp();
        }
        catch (Exception)
        {
            // Whose fault it was shows when each runs by itself.
            memory.Dispose();
            instance.Return(memory);
            RunOneByOne(instance);
            return;
        }

        var last = batch[^1];
        batch.RemoveAt(batch.Count - 1);
        foreach (var pending in batch)
        {
            Count(pending, succeeded: true, pending.Rows, started, joined, ended, ended);
            pending.Succeed(isLast: false);
        }

        Count(last, succeeded: true, last.Rows, started, joined, ended, ended);
        _statistics.Executed(rows, joined - started, ended - joined, 0);
        var requests = batch.Count + 1;
        batch.Clear();
        Release(instance, requests, rows, ended - started);
        last.Succeed(isLast: !isLong);
    }

    private void RunOneByOne(ModelInstance instance)
    {
        var started = _time.GetTimestamp();
        foreach (var pending in instance.Batch)
        {
            var begun = _time.GetTimestamp();
            try
            {
                instance.Session.Run(pending.Request, pending.Outputs);
                var ended = _time.GetTimestamp();
                Count(pending, succeeded: true, pending.Rows, begun, begun, ended, ended);
                _statistics.Executed(pending.Rows, 0, ended - begun, 0);
                pending.Succeed(isLast: false);
            }
            catch (Exception failed)
            {
                Count(pending, succeeded: false, 0, begun, begun, begun, begun);
                pending.Fail(failed is OnnxRuntimeException refused ? Refused(refused) : failed);
            }
        }

        var requests = instance.Batch.Count;
        instance.Batch.Clear();
        Release(instance, requests, 0, _time.GetTimestamp() - started);
    }

    private void Count(PendingRequest pending, bool succeeded, long rows, long started, long joined, long ran, long done)
    {
        if (succeeded)
        {
            _statistics.Succeeded(rows, started - pending.Arrived, joined - started, ran - joined, done - ran);
        }
        else
        {
            _statistics.Failed(FailureReason.Backend, _time.GetTimestamp() - pending.Arrived);
        }
    }

    private void Release(ModelInstance instance, int requests, long rows, long ticks)
    {
        bool waiting;
        lock (_lock)
        {
            if (rows > 0)
            {
                _times.Record(rows, ticks);
            }

            _inFlight -= requests;
            _clients += (_inFlight + requests - _clients) / 64;
            _free.Push(instance);
            waiting = _waiting > 0 && !_isGathering;
        }

        if (instance.Session.IsOnProcessor)
        {
            _gate.Exit(this, ticks, wantsMore: waiting);
        }
        else if (waiting)
        {
            Pump(hasPermit: false);
        }
    }

    private List<PendingRequest>? Expire(long now)
    {
        foreach (var queue in _queues)
        {
            queue.Expire(now, _rejected);
        }

        if (_rejected.Count == 0)
        {
            return null;
        }

        foreach (var pending in _rejected)
        {
            _waiting--;
            _waitingRows -= Math.Max(1, pending.Rows);
            _inFlight--;
        }

        _statistics.Pending(_waiting);
        List<PendingRequest> rejected = [.. _rejected];
        _rejected.Clear();
        return rejected;
    }

    private void Reject(List<PendingRequest>? rejected)
    {
        if (rejected is null)
        {
            return;
        }

        var now = _time.GetTimestamp();
        foreach (var pending in rejected)
        {
            _statistics.Failed(FailureReason.Rejected, now - pending.Arrived);
            pending.Fail(Unavailable(string.Create(
                CultureInfo.InvariantCulture, $"The request has waited {_time.GetElapsedTime(pending.Arrived, now).TotalMicroseconds:0} µs, longer than its timeout; try again later.")));
        }
    }

    // A request that is turned away a millisecond late harms nobody.
    private void ArmDeadline()
    {
        var due = long.MaxValue;
        foreach (var queue in _queues)
        {
            due = Math.Min(due, queue.NextDeadline);
        }

        if (due < _timerDue)
        {
            Arm(due, TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(_time.GetElapsedTime(_time.GetTimestamp(), due).TotalMilliseconds))));
        }
    }

    private void ArmDelay(long due)
    {
        if (due >= _timerDue)
        {
            return;
        }

        var remaining = _time.GetElapsedTime(_time.GetTimestamp(), due);
        if (remaining >= TimerStep)
        {
            Arm(due, remaining);
        }
        else if (!_isYielding)
        {
            _yieldDue = due;
            _isYielding = true;
            ThreadPool.UnsafeQueueUserWorkItem(_yield, null);
        }
    }

    private void Arm(long due, TimeSpan remaining)
    {
        _timerDue = due;
        _timer.Change(remaining, Timeout.InfiniteTimeSpan);
    }

    private void Fire()
    {
        lock (_lock)
        {
            _timerDue = long.MaxValue;
        }

        Pump(hasPermit: false);
    }

    // The rest of a wait that no timer is exact enough for.
    private void YieldUntilDue()
    {
        var started = Stopwatch.GetTimestamp();
        while (_time.GetTimestamp() < Volatile.Read(ref _yieldDue) && Volatile.Read(ref _waiting) > 0 && Stopwatch.GetElapsedTime(started) < TimerStep)
        {
            Thread.Yield();
        }

        lock (_lock)
        {
            _isYielding = false;
        }

        Pump(hasPermit: false);
    }

    private static ProtocolException Unavailable(string message) => new(StatusCodes.Status503ServiceUnavailable, message);

    // The model has run on its own warm-up input: what fails now does so because of the inputs, such as sizes that only the graph relates to each other.
    private static ProtocolException Refused(OnnxRuntimeException refused) =>
        new(StatusCodes.Status400BadRequest, $"The model cannot run on these inputs: {refused.Message}");
}
