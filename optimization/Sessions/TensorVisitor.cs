namespace Serverless.Optimization.Sessions;

/// <summary>Looks at a tensor's values, which are valid only while it does.</summary>
/// <param name="tensor">The tensor's name.</param>
/// <param name="values">Its values.</param>
internal delegate void TensorVisitor(string tensor, ReadOnlySpan<float> values);
