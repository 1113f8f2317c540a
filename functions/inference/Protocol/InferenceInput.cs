using Serverless.Inference.Execution;
using Serverless.Inference.Models;

namespace Serverless.Inference.Protocol;

/// <summary>One input tensor of a request, checked against the model.</summary>
/// <param name="Signature">What the model expects.</param>
/// <param name="Shape">The given shape; no dimension is -1.</param>
/// <param name="Bytes">How many bytes the elements take.</param>
public sealed record InferenceInput(TensorSignature Signature, long[] Shape, int Bytes)
{
    /// <summary>The elements, little-endian and row-major; null while they have not arrived.</summary>
    public TensorBuffer? Buffer { get; set; }
}
