using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Serverless.Core.Rounds;

/// <summary>
/// Optimizer steps on flat float32 spans, in place. The formulas, their order of operations and the meaning of first steps are those of <c>torch.optim</c>
/// (documentation of SGD, Adam and AdamW, single-tensor form). Only element-wise operations that every machine rounds the same way: the same input gives the same bits.
/// </summary>
public static class Optimizers
{
    // Elements worked on at a time: the pieces of all spans of a step together stay in the second-level cache.
    private const int Piece = 8192;

    /// <summary>SGD. With <c>g = gradient + weightDecay·p</c> and <c>m = momentum·m + g</c> (dampening 0): <c>p -= rate·m</c>, or with Nesterov <c>p -= rate·(g + momentum·m)</c>.</summary>
    /// <param name="parameters">Parameters p, changed.</param>
    /// <param name="gradient">Gradient; zeros afterwards.</param>
    /// <param name="momentumBuffer">Momentum m, zeros before the first step, changed; empty when <paramref name="momentum"/> is 0.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="momentum">Share of the last step that goes on.</param>
    /// <param name="nesterov">Whether to look ahead along the momentum.</param>
    /// <param name="weightDecay">Weight decay.</param>
    public static void Sgd(Span<float> parameters, Span<float> gradient, Span<float> momentumBuffer, float rate, float momentum, bool nesterov, float weightDecay)
    {
        Check(parameters, gradient, momentum == 0 ? parameters : momentumBuffer);
        for (var begin = 0; begin < parameters.Length; begin += Piece)
        {
            var p = PieceOf(parameters, begin);
            var g = PieceOf(gradient, begin);
            if (weightDecay != 0)
            {
                TensorPrimitives.MultiplyAdd(p, weightDecay, g, g);
            }

            var step = g;
            if (momentum != 0)
            {
                var m = PieceOf(momentumBuffer, begin);
                TensorPrimitives.MultiplyAdd(m, momentum, g, m);
                if (nesterov)
                {
                    TensorPrimitives.MultiplyAdd(m, momentum, g, g);
                }
                else
                {
                    step = m;
                }
            }

            TensorPrimitives.MultiplyAdd(step, -rate, p, p);
            g.Clear();
        }
    }

    /// <summary>
    /// Adam, with weight decay added to the gradient or, decoupled (AdamW), applied to the parameters: <c>m += (1-β₁)(g-m)</c>, <c>v = β₂v + (1-β₂)g²</c>,
    /// <c>p -= rate/(1-β₁ᵗ) · m / (√v/√(1-β₂ᵗ) + ε)</c>.
    /// </summary>
    /// <param name="parameters">Parameters p, changed.</param>
    /// <param name="gradient">Gradient g; zeros afterwards.</param>
    /// <param name="mean">Mean gradient m, zeros before the first step, changed.</param>
    /// <param name="square">Mean squared gradient v, zeros before the first step, changed.</param>
    /// <param name="step">Number t of this step, from 1.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="beta1">Decay β₁ of the mean.</param>
    /// <param name="beta2">Decay β₂ of the square.</param>
    /// <param name="epsilon">Added to the denominator.</param>
    /// <param name="weightDecay">Weight decay.</param>
    /// <param name="decoupled">Whether weight decay is decoupled.</param>
    public static void Adam(
        Span<float> parameters,
        Span<float> gradient,
        Span<float> mean,
        Span<float> square,
        long step,
        double rate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        bool decoupled)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        Check(parameters, gradient, mean);
        Check(parameters, gradient, square);
        var stepSize = (float)(rate / (1 - Math.Pow(beta1, step)));
        var squareCorrection = (float)Math.Sqrt(1 - Math.Pow(beta2, step));
        Span<float> scratch = stackalloc float[Math.Min(Piece, parameters.Length)];
        for (var begin = 0; begin < parameters.Length; begin += Piece)
        {
            var p = PieceOf(parameters, begin);
            var g = PieceOf(gradient, begin);
            var m = PieceOf(mean, begin);
            var v = PieceOf(square, begin);
            var t = scratch[..p.Length];
            if (weightDecay != 0 && decoupled)
            {
                TensorPrimitives.Multiply(p, (float)(1 - (rate * weightDecay)), p);
            }
            else if (weightDecay != 0)
            {
                TensorPrimitives.MultiplyAdd(p, (float)weightDecay, g, g);
            }

            TensorPrimitives.Subtract(g, m, t);
            TensorPrimitives.MultiplyAdd(t, (float)(1 - beta1), m, m);
            TensorPrimitives.Multiply(v, (float)beta2, v);
            TensorPrimitives.Multiply(g, (float)(1 - beta2), t);
            TensorPrimitives.MultiplyAdd(t, g, v, v);
            TensorPrimitives.Sqrt(v, t);
            TensorPrimitives.Divide(t, squareCorrection, t);
            TensorPrimitives.Add(t, (float)epsilon, t);
            TensorPrimitives.Divide(m, t, t);
            TensorPrimitives.MultiplyAdd(t, -stepSize, p, p);
            g.Clear();
        }
    }

    /// <summary>Shortens a gradient to a 2-norm of at most <paramref name="maximum"/>, as <c>torch.nn.utils.clip_grad_norm_</c> does.</summary>
    /// <returns>The norm before.</returns>
    public static double ClipNorm(Span<float> gradient, double maximum)
    {
        var norm = Norm(gradient);
        var factor = (float)(maximum / (norm + 1e-6));
        if (factor < 1)
        {
            TensorPrimitives.Multiply(gradient, factor, gradient);
        }

        return norm;
    }

    // Squares are summed in double precision in four lanes, which every machine has: the same bits everywhere.
    private static double Norm(ReadOnlySpan<float> values)
    {
        var (lower, upper) = (Vector128<double>.Zero, Vector128<double>.Zero);
        var vectors = MemoryMarshal.Cast<float, Vector128<float>>(values);
        foreach (var vector in vectors)
        {
            var (a, b) = Vector128.Widen(vector);
            lower += a * a;
            upper += b * b;
        }

        var sum = Vector128.Sum(lower) + Vector128.Sum(upper);
        foreach (var value in values[(vectors.Length * Vector128<float>.Count)..])
        {
            sum += (double)value * value;
        }

        return Math.Sqrt(sum);
    }

    private static Span<float> PieceOf(Span<float> values, int begin) => values.Slice(begin, Math.Min(Piece, values.Length - begin));

    private static void Check(ReadOnlySpan<float> parameters, ReadOnlySpan<float> gradient, ReadOnlySpan<float> state)
    {
        if (gradient.Length != parameters.Length || state.Length != parameters.Length)
        {
            throw new ArgumentException($"There are {parameters.Length} parameters, but a gradient of {gradient.Length} and a state of {state.Length} values; all must be equal.");
        }
    }
}
