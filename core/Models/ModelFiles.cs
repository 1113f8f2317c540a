namespace Serverless.Core.Models;

/// <summary>Everything a version consists of besides its number.</summary>
/// <param name="Onnx">The network with its parameters.</param>
/// <param name="Metrics">How good and how fast it is.</param>
/// <param name="Baseline">Statistics of the training data, as JSON.</param>
public sealed record ModelFiles(ReadOnlyMemory<byte> Onnx, ModelMetrics Metrics, ReadOnlyMemory<byte> Baseline)
{
    /// <summary>Which forms of the model were tried; null for a model that was not optimised.</summary>
    public OptimizationReport? Report { get; init; }

    /// <summary>The same for people, as Markdown.</summary>
    public string? ReportTable { get; init; }
}
