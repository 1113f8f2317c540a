using Serverless.Core.Models;
using Serverless.Inference.Execution;

namespace Serverless.Inference.Models;

/// <summary>
/// A loaded model version. Whoever runs it holds a lease; once it is retired, the last lease to end frees it, so a swap never breaks a request in flight.
/// </summary>
public sealed class ServedModel
{
    // One for being served and one for each lease; at zero the model is gone and stays so.
    private int _holders = 1;

    internal ServedModel(string name, SourceVersion source, string configRevision, ModelConfig? published, ModelRunner runner)
    {
        Name = name;
        Source = source;
        ConfigRevision = configRevision;
        Classes = published?.Classes ?? [];
        Runner = runner;
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>The version, 1 or more.</summary>
    public int Version => Source.Number;

    /// <summary>The version as the protocol writes it.</summary>
    public string VersionText => Source.Text;

    /// <summary>Names of the classes by index; empty where they have none.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>What it takes and gives.</summary>
    public ModelSignature Signature => Runner.Signature;

    /// <summary>What runs it.</summary>
    public ModelRunner Runner { get; }

    internal SourceVersion Source { get; }

    internal string ConfigRevision { get; }

    /// <summary>Takes a lease, or null where the model has been retired.</summary>
    public ModelLease? TryLease()
    {
        var holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return new ModelLease(this);
            }

            holders = seen;
        }

        return null;
    }

    /// <summary>Ends one hold: a lease, or (once) the service itself.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Runner.Dispose();
            NativeHeap.GiveBack();
        }
    }
}
