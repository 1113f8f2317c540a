using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serverless.Inference.Tests;

/// <summary>A tensor of a test model; -1 is a free dimension.</summary>
internal sealed record TestTensor(string Name, TensorElementType Type, params long[] Shape);
