namespace Serverless.Inference.Configuration;

/// <summary>Settings of instances on graphics processors.</summary>
public sealed record CudaOptimization
{
    /// <summary>Whether a run is recorded once for each shape and then replayed as a whole, which saves launching its kernels one by one.</summary>
    public bool Graphs { get; init; }
}
