using System.Globalization;
using Microsoft.Extensions.Logging;
using Serverless.Core.Models;
using Serverless.Inference.Configuration;

namespace Serverless.Inference.Models;

/// <summary>
/// One model's place in the repository: the versions that serve, the ones that could not be loaded, and what requests asked for. Readers never wait; changes take turns.
/// </summary>
internal sealed partial class ModelSlot(string name, ModelLoader loader, TimeSpan retryFailedAfter, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<int, FailedVersion> _failed = [];
    private volatile ServedModel[] _served = [];
    private volatile IReadOnlyList<RepositoryIndexEntry> _index = [];
    private ModelOverride? _override;
    private (string Revision, ModelServingConfig Config)? _stored;
    private bool _isUnloaded;
    private volatile bool _isSettled;

    /// <summary>Whether what the store has of the model has been looked at once.</summary>
    public bool IsSettled => _isSettled;

    /// <summary>What serves, the newest first.</summary>
    public IReadOnlyList<ServedModel> Served => _served;

    /// <summary>What there is to say about the model's versions.</summary>
    public IReadOnlyList<RepositoryIndexEntry> Index => _index;

    /// <summary>Whether a request brought versions that are not in the store.</summary>
    public bool IsBrought => _override?.Versions is not null;

    /// <summary>Takes a lease on a version, or null where it does not serve.</summary>
    /// <param name="version">The version as the protocol writes it; null for the newest.</param>
    public ModelLease? TryLease(string? version)
    {
        // A model that is retired between the look-up and the lease has a successor, or is gone.
        while (Find(version) is { } model)
        {
            if (model.TryLease() is { } lease)
            {
                return lease;
            }
        }

        return null;
    }

    /// <summary>Brings what serves in line with the store; left for later where somebody is at it already.</summary>
    public async Task TryReconcileAsync(StoredModel? stored, CancellationToken cancellation)
    {
        if (_turn.Wait(0, CancellationToken.None))
        {
            await ReconcileAndLeaveAsync(stored, cancellation);
        }
    }

    /// <summary>Brings what serves in line with the store, once it is this caller's turn.</summary>
    public async Task ReconcileAsync(StoredModel? stored, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        await ReconcileAndLeaveAsync(stored, cancellation);
    }

    /// <summary>Loads the model as a request asks for it.</summary>
    /// <param name="stored">What the store has of it.</param>
    /// <param name="replacement">What the request put in place of that; null for nothing.</param>
    /// <param name="cancellation">Ends the loading.</param>
    /// <exception cref="ModelLoadException">Not everything that should serve does; what served before goes on.</exception>
    public async Task LoadAsync(StoredModel? stored, ModelOverride? replacement, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        var before = (_override, _isUnloaded);
        (_override, _isUnloaded) = (replacement, false);
        IReadOnlyList<string> reasons;
        try
        {
            reasons = await ReconcileAsync(stored, retriesFailed: true, cancellation);
            var dropped = before._override;
            if (reasons.Count > 0 && replacement is not null)
            {
                (_override, _isUnloaded) = before;
                dropped = replacement;
                await ReconcileAsync(stored, retriesFailed: false, cancellation);
            }

            DropFolders(dropped);
        }
        catch
        {
            (_override, _isUnloaded) = before;
            throw;
        }
        finally
        {
            _turn.Release();
        }

        if (reasons.Count > 0)
        {
            throw new ModelLoadException(string.Join("; ", reasons));
        }
    }

    /// <summary>Stops serving the model until a request asks to load it.</summary>
    public async Task UnloadAsync(StoredModel? stored, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        var dropped = _override;
        (_override, _isUnloaded) = (null, true);
        await ReconcileAndLeaveAsync(stored, cancellation);
        DropFolders(dropped);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Swap([], forgets: false);
        _turn.Dispose();
    }

    private ServedModel? Find(string? version)
    {
        foreach (var model in _served)
        {
            if (version is null || model.VersionText == version)
            {
                return model;
            }
        }

        return null;
    }

    private async Task ReconcileAndLeaveAsync(StoredModel? stored, CancellationToken cancellation)
    {
        try
        {
            await ReconcileAsync(stored, retriesFailed: false, cancellation);
            _isSettled = true;
        }
        finally
        {
            _turn.Release();
        }
    }

    // Gives the reasons why not everything serves that should.
    private async Task<IReadOnlyList<string>> ReconcileAsync(StoredModel? stored, bool retriesFailed, CancellationToken cancellation)
    {
        try
        {
            if (_isUnloaded)
            {
                Swap([], forgets: false);
                _index = [.. (stored?.Versions ?? []).Take(1).Select(version => Entry(Text(version.Version), RepositoryIndexEntry.Unavailable, "unloaded"))];
                return [];
            }

            var source = await FindSourceAsync(stored, cancellation);
            return source.Versions.Count == 0 ? Retire() : await ServeAsync(source, retriesFailed, cancellation);
        }
        catch (ModelLoadException wrong)
        {
            // The configuration cannot be read: what serves goes on as it is.
            LogConfigRefused(logger, name, wrong.Message);
            _index = _served.Length == 0
                ? [Entry(null, RepositoryIndexEntry.Unavailable, wrong.Message)]
                : [.. _served.Select(model => Entry(model.VersionText, RepositoryIndexEntry.Ready, wrong.Message))];
            return [wrong.Message];
        }
    }

    private IReadOnlyList<string> Retire()
    {
        if (_served.Length > 0)
        {
            LogRemoved(logger, name);
        }

        Swap([], forgets: true);
        _failed.Clear();
        _index = [];
        return ["There is no version of it."];
    }

    private async Task<ModelSource> FindSourceAsync(StoredModel? stored, CancellationToken cancellation)
    {
        var versions = _override?.Versions ?? [.. (stored?.Versions ?? []).Select(SourceVersion.Of)];
        if (_override?.Config is { } config)
        {
            return new ModelSource(name, versions, config, _override.Revision);
        }

        if (stored?.Config is not { } tag)
        {
            return new ModelSource(name, versions, ModelServingConfig.Default, "");
        }

        if (_stored?.Revision != tag.ToString())
        {
            _stored = (tag.ToString(), await loader.ReadConfigAsync(name, cancellation));
        }

        return new ModelSource(name, versions, _stored.Value.Config, _stored.Value.Revision);
    }

    private async Task<IReadOnlyList<string>> ServeAsync(ModelSource source, bool retriesFailed, CancellationToken cancellation)
    {
        var (candidates, count) = source.Wanted();
        var serving = new List<ServedModel>(count);
        var index = new List<RepositoryIndexEntry>();
        var reasons = new List<string>();
        try
        {
            foreach (var version in candidates.TakeWhile(_ => serving.Count < count))
            {
                var current = Array.Find(_served, model => model.Version == version.Number);
                if (current is not null && current.Source.Revision == version.Revision && current.ConfigRevision == source.ConfigRevision)
                {
                    serving.Add(current);
                    index.Add(Entry(version.Text, RepositoryIndexEntry.Ready, null));
                    continue;
                }

                ShowLoading(version);
                var (loaded, reason) = await TryLoadAsync(source, version, retriesFailed, cancellation);
                if (reason is not null)
                {
                    reasons.Add($"version {version.Text}: {reason}");
                }

                // Where new content under an old number cannot be loaded, the old content goes on.
                if ((loaded ?? current) is { } model)
                {
                    serving.Add(model);
                }

                index.Add(Entry(version.Text, (loaded ?? current) is null ? RepositoryIndexEntry.Unavailable : RepositoryIndexEntry.Ready, reason));
            }
        }
        catch
        {
            Release(serving.Except(_served));
            throw;
        }

        if (candidates.Count == 0)
        {
            reasons.Add("None of the model's versions is selected by its version_policy.");
            index.Add(Entry(null, RepositoryIndexEntry.Unavailable, reasons[^1]));
        }
        else if (serving.Count == 0)
        {
            // Nothing of what should serve can be loaded: what serves goes on.
            serving.AddRange(_served);
            index.AddRange(_served.Select(model => Entry(model.VersionText, RepositoryIndexEntry.Ready, null)));
        }

        foreach (var gone in _failed.Keys.Except(source.Versions.Select(version => version.Number)).ToArray())
        {
            _failed.Remove(gone);
        }

        Swap([.. serving], forgets: true);
        _index = index;
        return reasons;
    }

    private void ShowLoading(SourceVersion version)
    {
        if (!_served.Any(model => model.Version == version.Number))
        {
            _index = [Entry(version.Text, RepositoryIndexEntry.Loading, null), .. _index.Where(entry => entry.Version != version.Text)];
        }
    }

    private async Task<(ServedModel? Loaded, string? Reason)> TryLoadAsync(ModelSource source, SourceVersion version, bool retriesFailed, CancellationToken cancellation)
    {
        var revision = $"{version.Revision} {source.ConfigRevision}";
        if (!retriesFailed && _failed.TryGetValue(version.Number, out var failure) && failure.Revision == revision && time.GetElapsedTime(failure.At) < retryFailedAfter)
        {
            return (null, failure.Reason);
        }

        try
        {
            var started = time.GetTimestamp();
            var model = await loader.LoadAsync(source, version, cancellation);
            _failed.Remove(version.Number);
            LogLoaded(logger, name, version.Number, time.GetElapsedTime(started).TotalMilliseconds);
            return (model, null);
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            // Whatever it is, the other models and the versions that serve go on.
            _failed[version.Number] = new FailedVersion(revision, broken.Message, time.GetTimestamp());
            LogLoadFailed(logger, name, version.Number, broken.Message);
            return (null, broken.Message);
        }
    }

    // New requests get the new versions from here on; requests on the old ones hold them until they are done.
    private void Swap(ServedModel[] models, bool forgets)
    {
        var gone = _served.Except(models).ToArray();
        _served = models;
        Release(gone);
        foreach (var source in gone.Select(model => model.Source).Where(source => forgets && source.Stored is not null).Except(models.Select(model => model.Source)))
        {
            loader.Forget(source);
        }
    }

    private static void Release(IEnumerable<ServedModel> models)
    {
        foreach (var model in models)
        {
            model.Release();
        }
    }

    private void DropFolders(ModelOverride? replaced)
    {
        foreach (var version in replaced?.Versions ?? [])
        {
            loader.Forget(version);
        }
    }

    private RepositoryIndexEntry Entry(string? version, string state, string? reason) => new(name, version, state, reason);

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(1100, LogLevel.Information, "Serving {Model} version {Version}, loaded in {Milliseconds:0} ms")]
    private static partial void LogLoaded(ILogger logger, string model, int version, double milliseconds);

    [LoggerMessage(1101, LogLevel.Warning, "Cannot serve {Model} version {Version}: {Reason}")]
    private static partial void LogLoadFailed(ILogger logger, string model, int version, string reason);

    [LoggerMessage(1102, LogLevel.Information, "{Model} is no longer published and no longer served")]
    private static partial void LogRemoved(ILogger logger, string model);

    [LoggerMessage(1103, LogLevel.Warning, "The configuration of {Model} is refused: {Reason}")]
    private static partial void LogConfigRefused(ILogger logger, string model, string reason);
}
