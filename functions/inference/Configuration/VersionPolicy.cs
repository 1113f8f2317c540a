namespace Serverless.Inference.Configuration;

/// <summary>Which of a model's versions are served: exactly one of the three is set.</summary>
public sealed record VersionPolicy
{
    /// <summary>The newest ones.</summary>
    public LatestVersions? Latest { get; init; }

    /// <summary>Every one.</summary>
    public AllVersions? All { get; init; }

    /// <summary>Those that are named.</summary>
    public SpecificVersions? Specific { get; init; }

    /// <summary>The newest version alone.</summary>
    public static VersionPolicy Newest { get; } = new() { Latest = new LatestVersions(1) };

    /// <summary>The versions to be served.</summary>
    /// <param name="available">The versions that there are.</param>
    /// <returns>The newest first; versions that are named but not there are left out.</returns>
    public IReadOnlyList<int> Select(IEnumerable<int> available)
    {
        var versions = available.Distinct().OrderDescending();
        return this switch
        {
            { All: not null } => [.. versions],
            { Specific: { } specific } => [.. versions.Where(specific.Versions.Contains)],
            _ => [.. versions.Take(Latest?.NumVersions ?? 1)],
        };
    }
}
