namespace Serverless.Inference.Configuration;

/// <summary>One input of a warm-up run.</summary>
public sealed record WarmupInput
{
    /// <summary>Its element type, such as <c>TYPE_FP32</c>; null for the model's.</summary>
    public string? DataType { get; init; }

    /// <summary>Its dimensions without the batch.</summary>
    public IReadOnlyList<long> Dims { get; init; } = [];

    /// <summary>Whether it is drawn at random: numbers with a fraction from 0 to 1, those of one byte and truth values over their whole range, others stay zero.</summary>
    public bool RandomData { get; init; }

    /// <summary>Whether its bytes are zero; the default.</summary>
    public bool ZeroData { get; init; } = true;
}
