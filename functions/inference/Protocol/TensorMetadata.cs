namespace Serverless.Inference.Protocol;

/// <summary>What the server says about an input or output.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datatype">The protocol's name of its element type.</param>
/// <param name="Shape">Its dimensions; -1 is one that each request chooses.</param>
public sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<long> Shape);
