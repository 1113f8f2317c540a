namespace Serverless.Optimization.Sessions;

/// <summary>What models run on while they are measured.</summary>
public enum SessionDevice
{
    /// <summary>The processor, one thread a run.</summary>
    Cpu,

    /// <summary>The first GPU of NVIDIA's; needs ONNX Runtime's CUDA build.</summary>
    Cuda,
}
