namespace Serverless.Inference.Protocol;

/// <summary>What every error is answered with.</summary>
/// <param name="Error">What was wrong.</param>
public sealed record ErrorBody(string Error);
