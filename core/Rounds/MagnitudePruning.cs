using System.Buffers;
using System.Numerics.Tensors;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;

namespace Serverless.Core.Rounds;

/// <summary>
/// Makes the weights of smallest magnitude zero and keeps them so. Which ones they are is nowhere written down but in the parameters: a weight that is zero in a checkpoint
/// after pruning has begun is pruned. So a checkpoint stays a pure function of the one before and its contributions. Shares grow as by M. Zhu and S. Gupta, "To prune, or not
/// to prune" (2017): fast while there is much to choose from, slower towards the end.
/// </summary>
public sealed class MagnitudePruning
{
    private const int Group = 4;
    private const int KeptOfGroup = 2;

    // Each time the weights of a tensor are sorted.
    private const int MostTimes = 20;

    private readonly PruningSpec _spec;
    private readonly ParameterSlot[] _weights;
    private readonly int _begin;
    private readonly int _end;
    private readonly int _interval;

    /// <summary>The pruning of a job.</summary>
    /// <param name="spec">What the job asks for.</param>
    /// <param name="layout">Where the network's parameters are.</param>
    /// <param name="rounds">The job's rounds.</param>
    public MagnitudePruning(PruningSpec spec, ParameterLayout layout, int rounds)
    {
        ArgumentNullException.ThrowIfNull(layout);
        _spec = spec;
        _weights = [.. layout.Slots.Where(slot => slot.Region == ParameterRegion.Trainable && slot.Shape.Length >= 2)];
        _begin = Math.Min((int)Math.Ceiling(spec.Begin * rounds), rounds - 1);
        _end = Math.Clamp((int)Math.Ceiling(spec.End * rounds), _begin + 1, rounds);
        _interval = Math.Max(1, (_end - _begin + MostTimes - 1) / MostTimes);
    }

    /// <summary>The pruning of a job; null where it asks for none.</summary>
    public static MagnitudePruning? Of(TrainingJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.Spec.Pruning is { } spec ? new MagnitudePruning(spec, job.Layout, job.Plan.Rounds) : null;
    }

    /// <summary>Whether zeros among the weights of a checkpoint are pruned weights.</summary>
    public bool HasBegun(int checkpoint) => checkpoint > _begin;

    /// <summary>Share of weights that are zero.</summary>
    public double SparsityOf(ReadOnlySpan<float> trainable)
    {
        var (zeros, all) = (0L, 0L);
        foreach (var slot in _weights)
        {
            zeros += slot.Of(trainable).Count(0f);
            all += slot.Length;
        }

        return all == 0 ? 0 : (double)zeros / all;
    }

    /// <summary>Sets to zero what belongs to pruned weights: a gradient, or what an optimizer remembers. With both at zero a weight stays where it is.</summary>
    /// <param name="trainable">The parameters.</param>
    /// <param name="values">As many values.</param>
    public void Freeze(ReadOnlySpan<float> trainable, Span<float> values)
    {
        foreach (var slot in _weights)
        {
            var weights = slot.Of(trainable);
            var part = slot.Of(values);
            for (var i = 0; i < weights.Length; i++)
            {
                part[i] = weights[i] == 0 ? 0 : part[i];
            }
        }
    }

    /// <summary>Makes as many weights zero as is due.</summary>
    /// <param name="checkpoint">The number of the checkpoint that the parameters are to be.</param>
    /// <param name="trainable">The parameters; changed.</param>
    public void Apply(int checkpoint, Span<float> trainable)
    {
        if (!IsDue(checkpoint))
        {
            return;
        }

        foreach (var slot in _weights)
        {
            if (_spec.Pattern == PruningPattern.TwoOfFour)
            {
                KeepTwoOfFour(slot, slot.Of(trainable));
            }
            else
            {
                KeepLargest(slot.Of(trainable), (int)(ShareAt(checkpoint) * slot.Length));
            }
        }
    }

    // A pattern is all or nothing: the other rounds are for the weights that are left.
    private bool IsDue(int checkpoint) => _spec.Pattern == PruningPattern.TwoOfFour
        ? checkpoint == _begin + 1
        : checkpoint == _end || (checkpoint > _begin && checkpoint < _end && (checkpoint - _begin) % _interval == 0);

    private double ShareAt(int checkpoint) => _spec.Sparsity * (1 - Math.Pow(1 - ((checkpoint - _begin) / (double)(_end - _begin)), 3));

    private static void KeepLargest(Span<float> weights, int zeros)
    {
        if (zeros == 0)
        {
            return;
        }

        var rented = ArrayPool<float>.Shared.Rent(weights.Length);
        var magnitudes = rented.AsSpan(0, weights.Length);
        TensorPrimitives.Abs(weights, magnitudes);
        magnitudes.Sort();
        var threshold = magnitudes[zeros - 1];

        // Of several that are just as large, the first ones.
        var equal = zeros - magnitudes[..zeros].IndexOf(threshold);
        ArrayPool<float>.Shared.Return(rented);
        foreach (ref var weight in weights)
        {
            var magnitude = Math.Abs(weight);
            if (magnitude < threshold || (magnitude == threshold && equal-- > 0))
            {
                weight = 0;
            }
        }
    }

    // Weights are [outputs, inputs, …]: what a GPU multiplies with neighbouring weights are neighbouring inputs.
    private static void KeepTwoOfFour(ParameterSlot slot, Span<float> weights)
    {
        var inputs = slot.Shape[1];
        var stride = weights.Length / (slot.Shape[0] * inputs);
        Span<int> places = stackalloc int[Group];
        for (var output = 0; output < slot.Shape[0]; output++)
        {
            for (var input = 0; input + Group <= inputs; input += Group)
            {
                for (var position = 0; position < stride; position++)
                {
                    for (var i = 0; i < Group; i++)
                    {
                        places[i] = (((output * inputs) + input + i) * stride) + position;
                    }

                    while (CountOfZeros(weights, places) < Group - KeptOfGroup)
                    {
                        weights[SmallestOf(weights, places)] = 0;
                    }
                }
            }
        }
    }

    private static int SmallestOf(ReadOnlySpan<float> weights, ReadOnlySpan<int> places)
    {
        var smallest = -1;
        foreach (var place in places)
        {
            if (weights[place] != 0 && (smallest < 0 || Math.Abs(weights[place]) < Math.Abs(weights[smallest])))
            {
                smallest = place;
            }
        }

        return smallest;
    }

    private static int CountOfZeros(ReadOnlySpan<float> weights, ReadOnlySpan<int> places)
    {
        var zeros = 0;
        foreach (var place in places)
        {
            zeros += weights[place] == 0 ? 1 : 0;
        }

        return zeros;
    }
}
