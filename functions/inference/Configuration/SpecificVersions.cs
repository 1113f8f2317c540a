namespace Serverless.Inference.Configuration;

/// <summary>Named versions of a model.</summary>
/// <param name="Versions">Their numbers.</param>
public sealed record SpecificVersions(IReadOnlyList<int> Versions);
