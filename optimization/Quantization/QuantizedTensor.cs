namespace Serverless.Optimization.Quantization;

/// <summary>A tensor that has been rounded to unsigned bytes.</summary>
/// <param name="Value">The name of what the bytes stand for.</param>
/// <param name="Scale">The distance between two neighbouring values.</param>
/// <param name="ScaleName">The constant that holds it.</param>
/// <param name="ZeroName">The constant that holds the byte that stands for 0.</param>
/// <param name="IsRaw">Whether the bytes are the model's own input, so that nothing was lost.</param>
internal sealed record QuantizedTensor(string Value, float Scale, string ScaleName, string ZeroName, bool IsRaw);
