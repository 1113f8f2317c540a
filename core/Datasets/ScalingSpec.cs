namespace Serverless.Core.Datasets;

/// <summary>
/// How a stored feature becomes the number a network sees: x = (raw - offset) * scale, in float32, first the difference and then the product. Trainers apply
/// it while
/// reading, published models contain it.
/// </summary>
public sealed record ScalingSpec
{
    /// <summary>Raw values pass unchanged.</summary>
    public static ScalingSpec None { get; } = new() { Offset = [0], Scale = [1] };

    /// <summary>Subtracted first: one number for all features, or one a feature in C order.</summary>
    public required IReadOnlyList<float> Offset { get; init; }

    /// <summary>Multiplied after: as many numbers as <see cref="Offset"/>.</summary>
    public required IReadOnlyList<float> Scale { get; init; }
}
