using Serverless.Inference.Configuration;

namespace Serverless.Inference.Scheduling;

/// <summary>The requests of one priority that wait, in the order in which they came; those that have waited too long and may go on waiting come after all others. Not thread-safe.</summary>
internal sealed class RequestQueue
{
    private readonly TimeoutAction _action;
    private readonly long _defaultTimeout;
    private readonly bool _allowsOverride;
    private readonly int _capacity;
    private readonly double _ticksPerMicrosecond;
    private PendingRequest? _first;
    private PendingRequest? _last;
    private PendingRequest? _firstDelayed;

    /// <summary>An empty queue.</summary>
    /// <param name="policy">How long and how many requests may wait.</param>
    /// <param name="frequency">Timestamps a second.</param>
    public RequestQueue(QueuePolicy policy, long frequency)
    {
        _ticksPerMicrosecond = frequency / 1e6;
        _action = policy.TimeoutAction;
        _defaultTimeout = policy.DefaultTimeoutMicroseconds;
        _allowsOverride = policy.AllowTimeoutOverride;
        _capacity = policy.MaxQueueSize ?? 0;
    }

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>How many may wait; 0 for any number.</summary>
    public int Capacity => _capacity;

    /// <summary>The earliest deadline of a request that waits, or an earlier moment; <see cref="long.MaxValue"/> for none.</summary>
    public long NextDeadline { get; private set; } = long.MaxValue;

    /// <summary>The request whose turn it is; null where none waits.</summary>
    public PendingRequest? First => _first;

    /// <summary>Adds a request at the end.</summary>
    /// <returns>False where there is no room.</returns>
    public bool TryAdd(PendingRequest request)
    {
        if (_capacity > 0 && Count >= _capacity)
        {
            return false;
        }

        // A request's own timeout may only shorten the wait.
        var timeout = _defaultTimeout;
        var own = request.Request.TimeoutMicroseconds;
        if (_allowsOverride && own > 0 && (timeout == 0 || own < timeout))
        {
            timeout = own;
        }

        if (timeout > 0)
        {
            request.Deadline = request.Arrived + (long)(timeout * _ticksPerMicrosecond);
            NextDeadline = Math.Min(NextDeadline, request.Deadline);
        }

        Insert(request, _firstDelayed);
        return true;
    }

    /// <summary>Takes a request out, wherever it stands.</summary>
    public void Remove(PendingRequest request)
    {
        if (request == _firstDelayed)
        {
            _firstDelayed = request.Next;
        }

        if (request.Previous is { } previous)
        {
            previous.Next = request.Next;
        }
        else
        {
            _first = request.Next;
        }

        if (request.Next is { } next)
        {
            next.Previous = request.Previous;
        }
        else
        {
            _last = request.Previous;
        }

        request.Previous = null;
        request.Next = null;
        request.Queue = null;
        Count--;
    }

    /// <summary>Treats the requests that have waited too long as the policy says.</summary>
    /// <param name="now">The timestamp.</param>
    /// <param name="rejected">Where those go that are taken out.</param>
    public void Expire(long now, List<PendingRequest> rejected)
    {
        if (now < NextDeadline)
        {
            return;
        }

        NextDeadline = long.MaxValue;
        for (var request = _first; request is not null && request != _firstDelayed;)
        {
            var next = request.Next;
            if (request.Deadline > now)
            {
                NextDeadline = Math.Min(NextDeadline, request.Deadline);
            }
            else
            {
                Remove(request);
                if (_action == TimeoutAction.Reject)
                {
                    rejected.Add(request);
                }
                else
                {
                    Insert(request, null);
                    _firstDelayed ??= request;
                }
            }

            request = next;
        }
    }

    private void Insert(PendingRequest request, PendingRequest? before)
    {
        var previous = before is null ? _last : before.Previous;
        request.Queue = this;
        request.Previous = previous;
        request.Next = before;
        if (previous is null)
        {
            _first = request;
        }
        else
        {
            previous.Next = request;
        }

        if (before is null)
        {
            _last = request;
        }
        else
        {
            before.Previous = request;
        }

        Count++;
    }
}
