namespace Serverless.Core.Jobs;

/// <summary>What a job ended with.</summary>
/// <param name="ParametersSha256">SHA-256 over the last checkpoint's parameters: equal for every run of the same job.</param>
/// <param name="Model">The model it was published as; null when it was not.</param>
/// <param name="Version">The version of that model.</param>
/// <param name="Accuracy">Share of the test rows classified right, 0 to 1; null where nothing was classified.</param>
/// <param name="Loss">Mean loss on the test rows; null without a test split.</param>
public sealed record JobResult(string ParametersSha256, string? Model = null, string? Version = null, double? Accuracy = null, double? Loss = null);
