using Serverless.Inference.Execution;

namespace Serverless.Inference.Scheduling;

/// <summary>One of the places in which a model can run: takes one batch at a time.</summary>
/// <param name="scheduler">Who gives it batches.</param>
/// <param name="session">The model, which other instances may share.</param>
/// <param name="model">The model's name, for who looks at the process's threads.</param>
internal sealed class ModelInstance(BatchScheduler scheduler, ModelSession session, string model) : IThreadPoolWorkItem, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<BatchMemory> _idle = new();
    private readonly AutoResetEvent _begin = new(initialState: false);
    private Thread? _thread;
    private volatile bool _isStopped;

    /// <summary>The model.</summary>
    public ModelSession Session { get; } = session;

    /// <summary>The requests to run.</summary>
    public List<PendingRequest> Batch { get; } = [];

    /// <summary>Whether the batch will take so long that a thread of the pool, which reads requests, is too good for it.</summary>
    public bool IsLong { get; set; }

    /// <summary>Has the batch run soon on another thread.</summary>
    public void Begin()
    {
        if (!IsLong)
        {
            // To this thread's own queue: it is about to be done here, unless an idle thread is quicker.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
            return;
        }

        if (_thread is null)
        {
            _thread = new Thread(RunLong) { IsBackground = true, Name = $"inference {model}" };
            _thread.Start();
        }

        _begin.Set();
    }

    /// <inheritdoc/>
    public void Execute() => scheduler.Run(this);

    /// <summary>Memory for a batch; it comes back by itself.</summary>
    public BatchMemory TakeMemory()
    {
        lock (_lock)
        {
            return _idle.TryPop(out var memory) ? memory : new BatchMemory(Session, Return);
        }
    }

    /// <summary>Takes memory back that no batch uses.</summary>
    public void Return(BatchMemory memory)
    {
        lock (_lock)
        {
            _idle.Push(memory);
        }
    }

    /// <summary>Ends the thread and frees the memory. No batch uses it any more.</summary>
    public void Dispose()
    {
        _isStopped = true;
        _begin.Set();
        _thread?.Join();
        _begin.Dispose();
        foreach (var memory in _idle)
        {
            memory.Dispose();
        }

        _idle.Clear();
    }

    private void RunLong()
    {
        while (_begin.WaitOne() && !_isStopped)
        {
            scheduler.Run(this);
        }
    }
}
