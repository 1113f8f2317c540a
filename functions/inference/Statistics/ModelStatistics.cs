namespace Serverless.Inference.Statistics;

/// <summary>What a model version has done since it was loaded.</summary>
/// <param name="model">The model's name.</param>
/// <param name="version">The version as the protocol writes it.</param>
public sealed class ModelStatistics(string model, string version)
{
    /// <summary>The model's name.</summary>
    public string Model { get; } = model;

    /// <summary>The version as the protocol writes it.</summary>
    public string Version { get; } = version;
}
