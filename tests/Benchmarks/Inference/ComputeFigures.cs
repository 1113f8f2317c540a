namespace Serverless.Benchmarks.Inference;

/// <summary>What a session does with no server around it.</summary>
/// <param name="RunsPerSecond">Runs a second, all threads together.</param>
/// <param name="BytesPerRun">Managed memory that a run allocates.</param>
internal sealed record ComputeFigures(double RunsPerSecond, double BytesPerRun);
