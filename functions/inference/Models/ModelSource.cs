using Serverless.Inference.Configuration;

namespace Serverless.Inference.Models;

/// <summary>What a model is to be served from: its versions and how to serve them.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Versions">The versions there are, the newest first.</param>
/// <param name="Config">How they are to be served.</param>
/// <param name="ConfigRevision">Changes with <paramref name="Config"/>.</param>
internal sealed record ModelSource(string Name, IReadOnlyList<SourceVersion> Versions, ModelServingConfig Config, string ConfigRevision)
{
    /// <summary>The versions that the configuration wants to be served, the best first, and how many of them at most.</summary>
    public (IReadOnlyList<SourceVersion> Candidates, int Count) Wanted()
    {
        // Of the newest n, one that cannot be loaded leaves its place to the next.
        if (Config.VersionPolicy.Latest is { } latest)
        {
            return (Versions, latest.NumVersions);
        }

        var selected = Config.VersionPolicy.Select(Versions.Select(version => version.Number));
        return ([.. Versions.Where(version => selected.Contains(version.Number))], selected.Count);
    }
}
