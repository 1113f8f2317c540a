namespace Serverless.Inference.Configuration;

/// <summary>How much ONNX Runtime rewrites the model when it loads it.</summary>
public sealed record GraphOptimization
{
    /// <summary>-1 only what changes no number, 0 everything, 1 everything that also holds without fusing layers: as Triton's backend counts.</summary>
    public int Level { get; init; }
}
