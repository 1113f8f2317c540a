namespace Serverless.Core.Jobs;

/// <summary>What to publish a job's last checkpoint as.</summary>
/// <param name="Model">Name of the model; each publication becomes its next version.</param>
public sealed record PublishSpec(string Model);
