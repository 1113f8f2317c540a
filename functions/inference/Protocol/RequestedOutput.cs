namespace Serverless.Inference.Protocol;

/// <summary>An output that a request asks for.</summary>
/// <param name="Index">Its place among the model's outputs.</param>
/// <param name="Binary">Whether it is to be sent as raw bytes behind the JSON.</param>
/// <param name="Classes">How many best classes to send in place of the values; 0 for the values.</param>
public readonly record struct RequestedOutput(int Index, bool Binary, int Classes);
