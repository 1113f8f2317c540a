using Serverless.Inference.Models;

namespace Serverless.Inference.Execution;

/// <summary>An input tensor where it lies in memory.</summary>
/// <param name="Signature">Which input of the model.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Buffer">Its bytes, from the first one on.</param>
/// <param name="Bytes">How many of them.</param>
internal readonly record struct BoundInput(TensorSignature Signature, long[] Shape, TensorBuffer Buffer, int Bytes);
