using System.Numerics.Tensors;

namespace Serverless.Core.Rounds;

/// <summary>The mean of contributions, weighted by their samples and summed in float32 in the order in which they are added.</summary>
/// <param name="trainable">Length of the trainable region.</param>
/// <param name="buffers">Length of the buffer region.</param>
internal sealed class WeightedMean(int trainable, int buffers)
{
    // Checked and added piece by piece, so that each value comes from memory once.
    private const int Piece = 16 * 1024;

    private bool _empty = true;

    /// <summary>Mean gradient or delta.</summary>
    public float[] Trainable { get; } = new float[trainable];

    /// <summary>Mean buffers.</summary>
    public float[] Buffers { get; } = new float[buffers];

    /// <summary>Begins a new mean.</summary>
    public void Begin() => _empty = true;

    /// <summary>Adds a contribution; false, with the mean left undefined, when it holds a value that is not finite.</summary>
    /// <param name="contribution">The contribution.</param>
    /// <param name="weight">Its share of all samples.</param>
    public bool TryAdd(Contribution contribution, float weight)
    {
        var finite = TryAdd(contribution.Trainable, weight, Trainable) && TryAdd(contribution.Buffers, weight, Buffers);
        _empty = false;
        return finite;
    }

    /// <summary>Whether all values are finite.</summary>
    public static bool IsFinite(ReadOnlySpan<float> values) => values.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(values));

    private bool TryAdd(ReadOnlySpan<float> values, float weight, Span<float> sum)
    {
        for (var begin = 0; begin < values.Length; begin += Piece)
        {
            var piece = values.Slice(begin, Math.Min(Piece, values.Length - begin));
            var target = sum.Slice(begin, piece.Length);
            if (!IsFinite(piece))
            {
                return false;
            }

            if (_empty)
            {
                TensorPrimitives.Multiply(piece, weight, target);
            }
            else
            {
                TensorPrimitives.MultiplyAdd(piece, weight, target, target);
            }
        }

        return true;
    }
}
