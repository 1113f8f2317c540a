namespace Serverless.Inference.Protocol;

/// <summary>What the server says about itself.</summary>
/// <param name="Name">The server's name.</param>
/// <param name="Version">The server's version.</param>
/// <param name="Extensions">The protocol extensions it speaks.</param>
public sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);
