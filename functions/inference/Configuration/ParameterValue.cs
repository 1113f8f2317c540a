namespace Serverless.Inference.Configuration;

/// <summary>The value of an entry of <c>parameters</c>.</summary>
/// <param name="StringValue">The value as text.</param>
public sealed record ParameterValue(string StringValue);
