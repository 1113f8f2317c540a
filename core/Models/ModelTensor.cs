namespace Serverless.Core.Models;

/// <summary>An input or output of a published model.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Datatype">Its element type as the Open Inference Protocol writes it, such as <c>UINT8</c>.</param>
/// <param name="Shape">Its dimensions; -1 is the batch, which each request chooses.</param>
public sealed record ModelTensor(string Name, string Datatype, IReadOnlyList<long> Shape);
