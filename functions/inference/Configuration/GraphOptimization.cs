namespace Serverless.Inference.Configuration;

/// <summary>How much ONNX Runtime rewrites the model when it loads it.</summary>
public sealed record GraphOptimization
{
    /// <summary>-1 basic rewriting, 1 extended, 0 all that there is: as Triton's backend counts.</summary>
    public int Level { get; init; }
}
