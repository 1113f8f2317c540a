using Serverless.Inference.Configuration;

namespace Serverless.Inference.Models;

/// <summary>What a load request put in place of what the store says about a model, until the next one.</summary>
/// <param name="Config">How to serve it; null to go by the store.</param>
/// <param name="Versions">Versions that came with the request, the newest first; null for those in the store.</param>
internal sealed record ModelOverride(ModelServingConfig? Config, IReadOnlyList<SourceVersion>? Versions)
{
    /// <summary>Different for every request.</summary>
    public string Revision { get; } = Guid.NewGuid().ToString("n");
}
