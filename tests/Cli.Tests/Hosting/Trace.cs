using System.Collections.Concurrent;

namespace Serverless.Cli.Tests.Hosting;

/// <summary>What the sample functions saw, and gates they wait at.</summary>
public sealed class Trace
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _seen = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();

    public void Note(string what, string value) => _seen.GetOrAdd(what, _ => new()).Enqueue(value);

    public IReadOnlyCollection<string> Seen(string what) => _seen.GetOrAdd(what, _ => new());

    public Task WaitAtAsync(string gate) => Gate(gate).Task;

    public void Open(string gate) => Gate(gate).SetResult();

    private TaskCompletionSource Gate(string gate) => _gates.GetOrAdd(gate, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
