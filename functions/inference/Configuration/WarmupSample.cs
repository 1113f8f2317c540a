namespace Serverless.Inference.Configuration;

/// <summary>A run made before a model counts as ready.</summary>
public sealed record WarmupSample
{
    /// <summary>What it is called in the log.</summary>
    public required string Name { get; init; }

    /// <summary>Its rows, for a model with a batch dimension.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>How often it is run.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Its inputs by name; one that is missing is all zeros, of size 1 where the model leaves the size open.</summary>
    public IReadOnlyDictionary<string, WarmupInput> Inputs { get; init; } = new Dictionary<string, WarmupInput>();
}
