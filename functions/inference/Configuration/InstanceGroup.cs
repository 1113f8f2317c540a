namespace Serverless.Inference.Configuration;

/// <summary>Some instances of a model, each of which runs one batch at a time.</summary>
public sealed record InstanceGroup
{
    /// <summary>What the group is called; nothing depends on it.</summary>
    public string? Name { get; init; }

    /// <summary>How many on each device; null leaves it to the server: as many as there are cores for on a processor, one on each graphics processor.</summary>
    public int? Count { get; init; }

    /// <summary>What they run on.</summary>
    public InstanceKind Kind { get; init; } = InstanceKind.Auto;

    /// <summary>The graphics processors to use, each with <see cref="Count"/> instances; empty for the one that <c>Inference__Device</c> names.</summary>
    public IReadOnlyList<int> Gpus { get; init; } = [];
}
