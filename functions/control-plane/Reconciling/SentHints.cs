using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Serverless.ControlPlane.Reconciling;

/// <summary>
/// Hints sent lately, so that none is sent again while it may still be on its way. One that does not help, because it got lost or what it asks for takes long, is
/// repeated after pauses that double from <see cref="ControlPlaneOptions.Patience"/> to <see cref="ControlPlaneOptions.HintLifetime"/>. In memory only: after a restart a
/// hint may be sent once more, which does no harm.
/// </summary>
public sealed class SentHints(IOptions<ControlPlaneOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Sending> _sent = new(StringComparer.Ordinal);

    /// <summary>Notes that a hint is being sent; false where it was sent too short a time ago.</summary>
    public bool TryAdd(string hint)
    {
        if (_sent.TryGetValue(hint, out var last) && last.Next > time.GetUtcNow())
        {
            return false;
        }

        Add(hint);
        return true;
    }

    /// <summary>Notes that a hint is being sent, whenever it was sent before.</summary>
    public void Add(string hint)
    {
        var (patience, lifetime) = (options.Value.Patience, options.Value.HintLifetime);
        var pause = _sent.TryGetValue(hint, out var last) ? last.Pause * 2 : patience;
        pause = pause < lifetime ? pause : lifetime;
        _sent[hint] = new Sending(time.GetUtcNow() + pause, pause);
    }

    /// <summary>Drops what has not been sent again for so long that it must have helped.</summary>
    public void Forget()
    {
        var longAgo = time.GetUtcNow() - options.Value.HintLifetime;
        foreach (var hint in _sent)
        {
            if (hint.Value.Next <= longAgo)
            {
                _sent.TryRemove(hint);
            }
        }
    }

    private readonly record struct Sending(DateTimeOffset Next, TimeSpan Pause);
}
