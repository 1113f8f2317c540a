using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Models;

namespace Serverless.Inference.Models;

/// <summary>
/// A loaded model version. Whoever runs it holds a lease; once it is retired, the last lease to end frees the session, so a swap never breaks a request in flight.
/// </summary>
public sealed class ServedModel
{
    // One for being served and one for each lease; at zero the session is gone and stays so.
    private int _holders = 1;

    internal ServedModel(ModelVersion version, ModelConfig config, InferenceSession session)
    {
        Version = version;
        Config = config;
        Session = session;
        Signature = ModelSignature.Of(session);
        VersionText = version.Version.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Which version it is.</summary>
    public ModelVersion Version { get; }

    /// <summary>The version as the protocol writes it.</summary>
    public string VersionText { get; }

    /// <summary>What was published about it.</summary>
    public ModelConfig Config { get; }

    /// <summary>What it takes and gives.</summary>
    public ModelSignature Signature { get; }

    internal InferenceSession Session { get; }

    internal RunOptions RunOptions { get; } = new();

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
            RunOptions.Dispose();
            Session.Dispose();
        }
    }
}
