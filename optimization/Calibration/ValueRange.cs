namespace Serverless.Optimization.Calibration;

/// <summary>The values a tensor takes, zero always among them.</summary>
/// <param name="Minimum">The smallest, at most 0.</param>
/// <param name="Maximum">The largest, at least 0.</param>
internal readonly record struct ValueRange(float Minimum, float Maximum)
{
    /// <summary>The greatest distance from zero.</summary>
    public float Magnitude => Math.Max(-Minimum, Maximum);

    /// <summary>The part of the range that is no further from zero than this.</summary>
    public ValueRange Within(float magnitude) => new(Math.Max(Minimum, -magnitude), Math.Min(Maximum, magnitude));

    /// <summary>Takes more values into the range.</summary>
    public ValueRange Including(float minimum, float maximum) => new(Math.Min(Minimum, minimum), Math.Max(Maximum, maximum));
}
