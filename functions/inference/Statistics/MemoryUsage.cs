namespace Serverless.Inference.Statistics;

/// <summary>Memory of one kind.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Id">Which of its kind.</param>
/// <param name="ByteSize">How much.</param>
public sealed record MemoryUsage(string Type, long Id, long ByteSize);
