namespace Serverless.Inference.Models;

/// <summary>What a file of a cached model was when it was written.</summary>
/// <param name="Name">Its path below the model's folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256, hexadecimal in lower case.</param>
internal sealed record CachedFile(string Name, long Bytes, string Sha256);
