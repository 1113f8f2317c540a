using Azure;

namespace Serverless.Core.Models;

/// <summary>A blob of a model version.</summary>
/// <param name="Name">Its path inside the version, such as <c>model.onnx</c>.</param>
/// <param name="ETag">Changes when it is written anew.</param>
/// <param name="Bytes">Its length.</param>
public sealed record ModelFile(string Name, ETag ETag, long Bytes);
