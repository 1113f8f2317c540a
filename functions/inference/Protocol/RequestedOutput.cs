namespace Serverless.Inference.Protocol;

/// <summary>An output that a request asks for.</summary>
/// <param name="Index">Its place among the model's outputs.</param>
/// <param name="Binary">Whether it is to be sent as raw bytes behind the JSON.</param>
public readonly record struct RequestedOutput(int Index, bool Binary);
