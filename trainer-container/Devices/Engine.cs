using System.Collections.Concurrent;

namespace Serverless.Trainer.Devices;

/// <summary>
/// The thread that torch runs on. One thread does all arithmetic, one call after the other, while the rest of the trainer talks to storage: a tensor is never
/// touched from two sides, and per-thread state of torch (gradient mode, dispose scopes, OpenMP teams) stays in one place.
/// </summary>
internal sealed class Engine : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];

    /// <summary>Runs what is given to <see cref="RunAsync{T}"/> on the calling thread, until <see cref="Stop"/>.</summary>
    public void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }

    /// <summary>Lets <see cref="Run"/> return when what was given before is done.</summary>
    public void Stop() => _work.CompleteAdding();

    /// <summary>Runs a function on the engine's thread.</summary>
    /// <exception cref="InvalidOperationException">The engine was stopped.</exception>
    public Task<T> RunAsync<T>(Func<T> function)
    {
        // Who waits goes on elsewhere: the engine is free for the next call at once.
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (OperationCanceledException e)
            {
                done.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    /// <summary>Runs an action on the engine's thread.</summary>
    /// <exception cref="InvalidOperationException">The engine was stopped.</exception>
    public Task RunAsync(Action action) => RunAsync(() =>
    {
        action();
        return true;
    });

    /// <inheritdoc/>
    public void Dispose() => _work.Dispose();
}
