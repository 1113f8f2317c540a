using Azure;

namespace Serverless.Core.Models;

/// <summary>A model in the store.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Config">Changes when the description of how it is to be served is written anew; null where there is none.</param>
/// <param name="Versions">Its complete versions, the newest first.</param>
public sealed record StoredModel(string Name, ETag? Config, IReadOnlyList<ModelVersion> Versions);
