namespace Serverless.Inference.Execution;

/// <summary>Instances on one device.</summary>
/// <param name="Gpu">The graphics processor's number; null for the processor.</param>
/// <param name="Count">How many.</param>
internal readonly record struct DeviceGroup(int? Gpu, int Count);
