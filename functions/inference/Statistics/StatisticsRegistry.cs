namespace Serverless.Inference.Statistics;

/// <summary>The statistics of every model version that is loaded.</summary>
public sealed class StatisticsRegistry
{
    private readonly Lock _lock = new();
    private ModelStatistics[] _models = [];

    /// <summary>All statistics, by model and the order in which the versions were loaded. A version that is being replaced by itself is there once, as the new one.</summary>
    public IReadOnlyList<ModelStatistics> Models => Volatile.Read(ref _models);

    /// <summary>Adds the statistics of a model version, in the place of those it had.</summary>
    public void Add(ModelStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        lock (_lock)
        {
            _models = [.. _models.Where(other => !IsSame(other, statistics)).Append(statistics).OrderBy(model => model.Model, StringComparer.Ordinal)];
        }
    }

    /// <summary>Removes the statistics of a model version that is no longer loaded.</summary>
    public void Remove(ModelStatistics statistics)
    {
        lock (_lock)
        {
            _models = [.. _models.Where(other => other != statistics)];
        }
    }

    private static bool IsSame(ModelStatistics left, ModelStatistics right) => left.Model == right.Model && left.Version == right.Version;
}
