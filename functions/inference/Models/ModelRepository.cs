using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.Core.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Models;

/// <summary>
/// The models being served: the newest version of each that is published. A newer version is loaded and run once beside the one that serves, then takes its place at
/// once; one that cannot be loaded changes nothing.
/// </summary>
public sealed partial class ModelRepository(
    ModelStore store, ModelLoader loader, IOptions<InferenceOptions> options, TimeProvider time, ILogger<ModelRepository> logger) : IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, ServedModel> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, int Version), Failure> _failures = [];
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private long _refreshed = long.MinValue;

    /// <summary>Whether the store has been read at least once.</summary>
    public bool IsReady => Volatile.Read(ref _refreshed) != long.MinValue;

    /// <summary>Names of the served models.</summary>
    public IReadOnlyList<string> Names => [.. _models.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Takes a lease on a model. Where it is not known yet, the store is asked, though not for every such request.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="version">The version as the protocol writes it; null for the newest.</param>
    /// <param name="cancellation">Ends the wait for the store.</param>
    /// <exception cref="ProtocolException">404: no such model or version.</exception>
    public async Task<ModelLease> LeaseAsync(string name, string? version, CancellationToken cancellation)
    {
        if (TryLease(name) is not { } lease)
        {
            await RefreshAsync(Freshness, cancellation);
            lease = TryLease(name) ?? throw ProtocolException.NotFound(Unknown(name));
        }

        if (version is null || version == lease.Model.VersionText)
        {
            return lease;
        }

        var served = lease.Model.VersionText;
        lease.Dispose();
        throw ProtocolException.NotFound($"The model '{name}' has no version '{Cut(version)}' being served; version {served} is.");
    }

    /// <summary>Brings what is served in line with the store.</summary>
    /// <exception cref="RequestFailedException">The store does not answer; what is served stays.</exception>
    public Task RefreshAsync(CancellationToken cancellation) => RefreshAsync(TimeSpan.Zero, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var name in _models.Keys)
        {
            Retire(name);
        }

        _refreshing.Dispose();
    }

    private async Task RefreshAsync(TimeSpan freshness, CancellationToken cancellation)
    {
        await _refreshing.WaitAsync(cancellation);
        try
        {
            if (IsReady && freshness > TimeSpan.Zero && time.GetElapsedTime(_refreshed) < freshness)
            {
                return;
            }

            var versions = (await store.ListAsync(cancellation)).ToLookup(version => version.Name, StringComparer.Ordinal);
            foreach (var name in _models.Keys)
            {
                if (!versions.Contains(name))
                {
                    Retire(name);
                    LogRemoved(logger, name);
                }
            }

            foreach (var model in versions)
            {
                await RefreshModelAsync(model, cancellation);
            }

            Volatile.Write(ref _refreshed, time.GetTimestamp());
        }
        finally
        {
            _refreshing.Release();
        }
    }

    private async Task RefreshModelAsync(IEnumerable<ModelVersion> versions, CancellationToken cancellation)
    {
        foreach (var version in versions.OrderByDescending(version => version.Version))
        {
            if (_models.TryGetValue(version.Name, out var served) && served.Version.Version >= version.Version && Holds(served, versions))
            {
                return;
            }

            if (await TryLoadAsync(version, cancellation) is { } loaded)
            {
                Swap(loaded);
                return;
            }
        }
    }

    // Whether the served version is still what the store has under that number.
    private static bool Holds(ServedModel served, IEnumerable<ModelVersion> versions) => versions.Contains(served.Version);

    private async Task<ServedModel?> TryLoadAsync(ModelVersion version, CancellationToken cancellation)
    {
        var key = (version.Name, version.Version);
        if (_failures.TryGetValue(key, out var failure) && failure.ETag == version.ETag && time.GetElapsedTime(failure.At) < options.Value.RetryFailedAfter)
        {
            return null;
        }

        try
        {
            var started = time.GetTimestamp();
            var model = await loader.LoadAsync(version, cancellation);
            _failures.Remove(key);
            LogLoaded(logger, version.Name, version.Version, time.GetElapsedTime(started).TotalMilliseconds);
            return model;
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            // Whatever it is, the other models and the version that serves go on.
            _failures[key] = new Failure(version.ETag, time.GetTimestamp());
            LogLoadFailed(logger, version.Name, version.Version, broken.Message);
            return null;
        }
    }

    private void Swap(ServedModel model)
    {
        _models.TryGetValue(model.Version.Name, out var old);
        _models[model.Version.Name] = model;
        old?.Release();
    }

    private void Retire(string name)
    {
        if (_models.TryRemove(name, out var model))
        {
            model.Release();
        }
    }

    private ModelLease? TryLease(string name)
    {
        // A model that is retired between the look-up and the lease has a successor, or is gone.
        while (_models.TryGetValue(name, out var model))
        {
            if (model.TryLease() is { } lease)
            {
                return lease;
            }
        }

        return null;
    }

    private string Unknown(string name)
    {
        var known = Names;
        return known.Count == 0
            ? $"There is no model '{Cut(name)}'; none is published yet."
            : string.Create(CultureInfo.InvariantCulture, $"There is no model '{Cut(name)}'; the served models are {string.Join(", ", known.Take(20))}{(known.Count > 20 ? ", …" : "")}.");
    }

    private static string Cut(string text) => text.Length <= 80 ? text : text[..80] + "…";

    [LoggerMessage(1100, LogLevel.Information, "Serving {Model} version {Version}, loaded in {Milliseconds:0} ms")]
    private static partial void LogLoaded(ILogger logger, string model, int version, double milliseconds);

    [LoggerMessage(1101, LogLevel.Warning, "Cannot serve {Model} version {Version}: {Reason}")]
    private static partial void LogLoadFailed(ILogger logger, string model, int version, string reason);

    [LoggerMessage(1102, LogLevel.Information, "{Model} is no longer published and no longer served")]
    private static partial void LogRemoved(ILogger logger, string model);

    private readonly record struct Failure(ETag ETag, long At);
}
