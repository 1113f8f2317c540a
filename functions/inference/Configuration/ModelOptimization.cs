namespace Serverless.Inference.Configuration;

/// <summary>How a model is made faster when it is loaded.</summary>
public sealed record ModelOptimization
{
    /// <summary>Rewriting of the graph.</summary>
    public GraphOptimization Graph { get; init; } = new();

    /// <summary>Settings of instances on graphics processors.</summary>
    public CudaOptimization Cuda { get; init; } = new();

    /// <summary>What runs parts of the model in ONNX Runtime's place.</summary>
    public ExecutionAccelerators ExecutionAccelerators { get; init; } = new();
}
