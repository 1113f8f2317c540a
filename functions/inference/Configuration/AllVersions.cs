namespace Serverless.Inference.Configuration;

/// <summary>Every version of a model.</summary>
public sealed record AllVersions;
