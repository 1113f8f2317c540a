using Serverless.Core.Models;

namespace Serverless.Optimization;

/// <summary>The form of a model that was chosen.</summary>
/// <param name="Onnx">Its bytes.</param>
/// <param name="Report">Why it was chosen.</param>
public sealed record OptimizedModel(byte[] Onnx, OptimizationReport Report);
