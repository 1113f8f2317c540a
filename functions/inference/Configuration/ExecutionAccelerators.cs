namespace Serverless.Inference.Configuration;

/// <summary>What runs parts of a model in ONNX Runtime's place.</summary>
public sealed record ExecutionAccelerators
{
    /// <summary>Accelerators of instances on graphics processors, the preferred one first.</summary>
    public IReadOnlyList<ExecutionAccelerator> GpuExecutionAccelerator { get; init; } = [];
}
