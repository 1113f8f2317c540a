namespace Serverless.Inference.Configuration;

/// <summary>An input or output as a model configuration writes it.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="DataType">Its element type, such as <c>TYPE_FP32</c>.</param>
/// <param name="Dims">Its dimensions, without the batch where the model has one; -1 is one that each request chooses.</param>
public sealed record ConfiguredTensor(string Name, string DataType, IReadOnlyList<long> Dims);
