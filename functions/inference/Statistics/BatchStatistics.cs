namespace Serverless.Inference.Statistics;

/// <summary>What runs of one batch size took.</summary>
/// <param name="BatchSize">The rows.</param>
/// <param name="ComputeInput">Putting the inputs together.</param>
/// <param name="ComputeInfer">Running the model.</param>
/// <param name="ComputeOutput">Handing out the outputs.</param>
public sealed record BatchStatistics(long BatchSize, DurationCount ComputeInput, DurationCount ComputeInfer, DurationCount ComputeOutput);
