using System.Collections.ObjectModel;

namespace Serverless.Inference.Configuration;

/// <summary>An accelerator.</summary>
public sealed record ExecutionAccelerator
{
    /// <summary>The only one there is.</summary>
    public const string TensorRt = "tensorrt";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its settings: <c>precision_mode</c> (FP32 or FP16) and <c>max_workspace_size_bytes</c>.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = ReadOnlyDictionary<string, string>.Empty;
}
