using Serverless.Inference.Execution;

namespace Serverless.Inference.Scheduling;

/// <summary>One of the places in which a model can run: takes one batch at a time.</summary>
/// <param name="scheduler">Who gives it batches.</param>
/// <param name="session">The model, which other instances may share.</param>
internal sealed class ModelInstance(BatchScheduler scheduler, ModelSession session) : IThreadPoolWorkItem
{
    private readonly Lock _lock = new();
    private readonly Stack<BatchMemory> _idle = new();

    /// <summary>The model.</summary>
    public ModelSession Session { get; } = session;

    /// <summary>The requests to run.</summary>
    public List<PendingRequest> Batch { get; } = [];

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

    /// <summary>Frees the memory. No batch uses it any more.</summary>
    public void Clear()
    {
        foreach (var memory in _idle)
        {
            memory.Dispose();
        }

        _idle.Clear();
    }
}
