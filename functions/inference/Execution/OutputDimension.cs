using Serverless.Inference.Models;

namespace Serverless.Inference.Execution;

/// <summary>What is known of one dimension of an output before the model runs.</summary>
/// <param name="Size">Its size, or -1.</param>
/// <param name="Input">The input that has a dimension of the same size; null where there is none.</param>
/// <param name="Axis">Which of that input's dimensions.</param>
internal readonly record struct OutputDimension(long Size, TensorSignature? Input, int Axis)
{
    /// <summary>Only the run will tell.</summary>
    public static OutputDimension Unknown { get; } = new(-1, null, -1);
}
