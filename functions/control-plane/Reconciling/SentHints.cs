using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Serverless.ControlPlane.Reconciling;

/// <summary>Hints sent lately, so that none is sent again while it may still be on its way. In memory only: after a restart a hint may be sent once more, which does no harm.</summary>
public sealed class SentHints(IOptions<ControlPlaneOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);

    /// <summary>Notes that a hint is being sent; false where it was sent a short time ago.</summary>
    public bool TryAdd(string hint)
    {
        var now = time.GetUtcNow();
        if (_until.TryGetValue(hint, out var until) && until > now)
        {
            return false;
        }

        _until[hint] = now + options.Value.HintLifetime;
        return true;
    }

    /// <summary>Notes that a hint is being sent, whenever it was sent before.</summary>
    public void Add(string hint) => _until[hint] = time.GetUtcNow() + options.Value.HintLifetime;

    /// <summary>Drops what has had its time.</summary>
    public void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var hint in _until)
        {
            if (hint.Value <= now)
            {
                _until.TryRemove(hint);
            }
        }
    }
}
