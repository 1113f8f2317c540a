namespace Serverless.Optimization.Data;

/// <summary>Rows that a model is made for.</summary>
/// <param name="Calibration">Rows to look for ranges on; of the training data, so that nothing is learnt from the test rows.</param>
/// <param name="Test">Rows to measure accuracy on.</param>
/// <param name="Labels">What is right for the test rows; null where nobody knows.</param>
public sealed record OptimizationData(SampleRows Calibration, SampleRows Test, TestLabels? Labels);
