using System.Collections.Concurrent;
using Azure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.Core.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Models;

/// <summary>
/// The models being served. What is newer in the store is loaded and run beside what serves, then takes its place at once; what cannot be loaded changes nothing. Each
/// model goes its own way: one that takes long to load, or fails, holds up no other.
/// </summary>
public sealed class ModelRepository(
    ModelStore store, ModelLoader loader, IOptions<InferenceOptions> options, TimeProvider time, ILogger<ModelRepository> logger) : IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, ModelSlot> _slots = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _listing = new(1, 1);
    private volatile Dictionary<string, StoredModel>? _stored;
    private long _listed;
    private volatile bool _isReady;

    /// <summary>Whether everything that the store had at the start has been loaded, or has been refused.</summary>
    public bool IsReady => _isReady || (_isReady = _stored is not null && _slots.Values.All(slot => slot.IsSettled));

    /// <summary>Names of the served models.</summary>
    public IReadOnlyList<string> Names => [.. _slots.Where(slot => slot.Value.Served.Count > 0).Select(slot => slot.Key).Order(StringComparer.Ordinal)];

    /// <summary>All that serve, by name and then the newest first.</summary>
    public IEnumerable<ServedModel> Served => _slots.OrderBy(slot => slot.Key, StringComparer.Ordinal).SelectMany(slot => slot.Value.Served);

    /// <summary>The versions of a model that serve, the oldest first.</summary>
    public IReadOnlyList<string> VersionsOf(string name) =>
        _slots.TryGetValue(name, out var slot) ? [.. slot.Served.Select(model => model.VersionText).Reverse()] : [];

    /// <summary>Takes a lease on a model. Where it is not known yet, the store is asked, though not for every such request.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="version">The version as the protocol writes it; null for the newest.</param>
    /// <param name="cancellation">Ends the wait for the store.</param>
    /// <exception cref="ProtocolException">404: no such model or version. 503: the model is there but cannot be served.</exception>
    public ValueTask<ModelLease> LeaseAsync(string name, string? version, CancellationToken cancellation) =>
        _slots.TryGetValue(name, out var slot) && slot.TryLease(version) is { } lease ? ValueTask.FromResult(lease) : FindAsync(name, version, cancellation);

    /// <summary>Brings what is served in line with the store.</summary>
    /// <exception cref="RequestFailedException">The store does not answer; what is served stays.</exception>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var stored = await ListAsync(TimeSpan.Zero, cancellation);
        await Task.WhenAll(SlotsFor(stored).Select(slot => slot.Slot.ReconcileAsync(slot.Stored, cancellation)));
    }

    /// <summary>Looks for what is new in the store and begins to load it; models that are being loaded already are left alone.</summary>
    /// <returns>Ends when everything has been loaded.</returns>
    /// <exception cref="RequestFailedException">The store does not answer; what is served stays.</exception>
    public async Task<Task> BeginRefreshAsync(CancellationToken cancellation)
    {
        var stored = await ListAsync(TimeSpan.Zero, cancellation);
        return Task.WhenAll(SlotsFor(stored).Select(slot => slot.Slot.TryReconcileAsync(slot.Stored, cancellation)));
    }

    /// <summary>Loads a model, or loads it anew, as a request asks for it.</summary>
    /// <exception cref="ProtocolException">404: no such model. 400: it cannot be loaded, with the reason; what served before goes on.</exception>
    internal async Task LoadAsync(string name, ModelOverride? replacement, CancellationToken cancellation)
    {
        var stored = (await ListAsync(TimeSpan.Zero, cancellation)).GetValueOrDefault(name);
        if (stored is null && replacement?.Versions is null)
        {
            throw ProtocolException.NotFound($"There is no model '{Cut(name)}' in the repository.");
        }

        try
        {
            await SlotOf(name).LoadAsync(stored, replacement, cancellation);
        }
        catch (ModelLoadException refused)
        {
            throw ProtocolException.BadRequest($"The model '{name}' cannot be loaded: {refused.Message}");
        }
    }

    /// <summary>Stops serving a model until a request asks to load it.</summary>
    /// <exception cref="ProtocolException">404: no such model.</exception>
    public async Task UnloadAsync(string name, CancellationToken cancellation)
    {
        var stored = (await ListAsync(TimeSpan.Zero, cancellation)).GetValueOrDefault(name);
        if (stored is null && !(_slots.TryGetValue(name, out var slot) && slot.IsBrought))
        {
            throw ProtocolException.NotFound($"There is no model '{Cut(name)}' in the repository.");
        }

        await SlotOf(name).UnloadAsync(stored, cancellation);
    }

    /// <summary>What there is, whether it serves or not.</summary>
    /// <param name="onlyReady">Whether to leave out what does not serve.</param>
    /// <param name="cancellation">Ends the wait for the store.</param>
    public async Task<IReadOnlyList<RepositoryIndexEntry>> IndexAsync(bool onlyReady, CancellationToken cancellation)
    {
        var stored = await ListAsync(Freshness, cancellation);
        var entries = new List<RepositoryIndexEntry>();
        foreach (var name in stored.Keys.Union(_slots.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            IReadOnlyList<RepositoryIndexEntry> known = _slots.TryGetValue(name, out var slot) ? slot.Index : [];
            if (known.Count == 0 && stored.ContainsKey(name))
            {
                known = [new RepositoryIndexEntry(name, null, RepositoryIndexEntry.Unavailable, "not loaded yet")];
            }

            entries.AddRange(known.Where(entry => !onlyReady || entry.State == RepositoryIndexEntry.Ready));
        }

        return entries;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in _slots.Values)
        {
            slot.Dispose();
        }

        _listing.Dispose();
    }

    private async ValueTask<ModelLease> FindAsync(string name, string? version, CancellationToken cancellation)
    {
        if (!ModelName.IsValid(name))
        {
            throw ProtocolException.NotFound(Unknown(name));
        }

        var stored = (await ListAsync(Freshness, cancellation)).GetValueOrDefault(name);
        if (stored is null && !_slots.ContainsKey(name))
        {
            throw ProtocolException.NotFound(Unknown(name));
        }

        var slot = SlotOf(name);
        await slot.ReconcileAsync(stored, cancellation);
        if (slot.TryLease(version) is { } lease)
        {
            return lease;
        }

        if (slot.Served is { Count: > 0 } served)
        {
            throw ProtocolException.NotFound(
                $"The model '{name}' has no version '{Cut(version!)}' being served; served {(served.Count == 1 ? "is" : "are")} {string.Join(", ", VersionsOf(name).TakeLast(20))}.");
        }

        throw slot.Index.FirstOrDefault(entry => entry.State == RepositoryIndexEntry.Unavailable) is { } reason
            ? new ProtocolException(StatusCodes.Status503ServiceUnavailable, $"The model '{name}' cannot be served: {reason.Reason}")
            : ProtocolException.NotFound(Unknown(name));
    }

    private async Task<Dictionary<string, StoredModel>> ListAsync(TimeSpan freshness, CancellationToken cancellation)
    {
        await _listing.WaitAsync(cancellation);
        try
        {
            if (_stored is { } known && time.GetElapsedTime(_listed) < freshness)
            {
                return known;
            }

            var started = time.GetTimestamp();
            var stored = (await store.ListModelsAsync(cancellation)).ToDictionary(model => model.Name, StringComparer.Ordinal);

            // Whoever asks whether all is settled must find the models in their places.
            foreach (var name in stored.Keys)
            {
                SlotOf(name);
            }

            _listed = started;
            _stored = stored;
            return stored;
        }
        finally
        {
            _listing.Release();
        }
    }

    private IEnumerable<(ModelSlot Slot, StoredModel? Stored)> SlotsFor(Dictionary<string, StoredModel> stored) =>
        _slots.Select(slot => (slot.Value, stored.GetValueOrDefault(slot.Key)));

    private ModelSlot SlotOf(string name) => _slots.GetOrAdd(
        name, static (added, my) => new ModelSlot(added, my.loader, my.options.Value.RetryFailedAfter, my.time, my.logger), (loader, options, time, logger));

    private string Unknown(string name)
    {
        var known = Names;
        return known.Count == 0
            ? $"There is no model '{Cut(name)}'; none is published yet."
            : $"There is no model '{Cut(name)}'; the served models are {string.Join(", ", known.Take(20))}{(known.Count > 20 ? ", …" : "")}.";
    }

    private static string Cut(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
