using Serverless.Core.Models;

namespace Serverless.ControlPlane.Models;

/// <summary>Answers questions about published models.</summary>
public sealed class ModelQueries(ModelStore models)
{
    private const int AtOnce = 8;

    /// <summary>All models with their newest versions' metrics.</summary>
    public async Task<ModelList> ListAsync(CancellationToken cancellation)
    {
        var byName = (await models.ListAsync(cancellation)).GroupBy(version => version.Name, StringComparer.Ordinal)
            .OrderBy(model => model.Key, StringComparer.Ordinal)
            .Select(model => model.OrderByDescending(version => version.Version).ToArray())
            .ToArray();
        var summaries = new ModelSummary[byName.Length];
        await Parallel.ForAsync(
            0,
            byName.Length,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (i, stop) => summaries[i] = await SummariseAsync(byName[i], stop));
        return new ModelList(summaries);
    }

    private async Task<ModelSummary> SummariseAsync(ModelVersion[] versions, CancellationToken cancellation)
    {
        var newest = versions[0];
        var metrics = await models.TryGetMetricsAsync(newest.Name, newest.Version, cancellation);
        return new ModelSummary(
            newest.Name, newest.Version, [.. versions.Select(version => version.Version)], newest.Created, metrics?.Job, metrics?.Accuracy, metrics?.Loss, metrics?.ParametersSha256);
    }
}
