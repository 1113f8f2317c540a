using Serverless.Inference.Configuration;

namespace Serverless.Inference.Models;

/// <summary>What a load request asks for.</summary>
/// <param name="Config">How to serve the model; null to go by the repository.</param>
/// <param name="Versions">Files by version that take the place of the repository's; empty for none.</param>
internal sealed record LoadRequest(ModelServingConfig? Config, IReadOnlyDictionary<int, Dictionary<string, byte[]>> Versions);
