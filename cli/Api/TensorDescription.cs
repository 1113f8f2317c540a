namespace Serverless.Cli.Api;

/// <summary>An input or output of a served model, as the inference protocol describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datatype">Its element type, such as <c>UINT8</c>.</param>
/// <param name="Shape">Its dimensions; -1 is the batch.</param>
internal sealed record TensorDescription(string Name, string Datatype, IReadOnlyList<long> Shape);
