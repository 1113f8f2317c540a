namespace Serverless.Core.Networks;

/// <summary>What a parameter holds before training: uniform in [<see cref="Centre"/> − <see cref="Bound"/>, <see cref="Centre"/> + <see cref="Bound"/>), or the centre everywhere when the bound is 0.</summary>
/// <param name="Centre">The middle of the interval.</param>
/// <param name="Bound">Half of its width; not negative.</param>
public readonly record struct InitialValues(float Centre, float Bound)
{
    /// <summary>All zeros.</summary>
    public static InitialValues Zeros => new(0, 0);

    /// <summary>All ones.</summary>
    public static InitialValues Ones => new(1, 0);

    /// <summary>Uniform in ±1/√<paramref name="fanIn"/>: what PyTorch gives the weights and biases of its linear and convolution layers (He initialisation with a = √5).</summary>
    /// <param name="fanIn">How many inputs one output sums over; at least 1.</param>
    public static InitialValues UniformByFanIn(long fanIn) => new(0, (float)(1 / Math.Sqrt(fanIn)));
}
