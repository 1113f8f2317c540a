namespace Serverless.Inference.Configuration;

/// <summary>The newest versions of a model.</summary>
/// <param name="NumVersions">How many, 1 or more.</param>
public sealed record LatestVersions(int NumVersions);
