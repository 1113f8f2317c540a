using System.Numerics.Tensors;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>Counts the values of a split no network can learn from.</summary>
internal sealed class NonFiniteValues
{
    private long _count;
    private float _first;
    private long _firstPlace;
    private int? _firstFeature;

    /// <summary>Looks at a row.</summary>
    /// <param name="values">Its features, or its label's numbers.</param>
    /// <param name="place">Where the row is.</param>
    /// <param name="isLabel">Whether <paramref name="values"/> are the label.</param>
    public void Check(ReadOnlySpan<float> values, long place, bool isLabel = false)
    {
        // The largest magnitude is NaN if there is a NaN, and infinite if there is an infinity.
        if (float.IsFinite(TensorPrimitives.MaxMagnitude(values)))
        {
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]) && _count++ == 0)
            {
                (_first, _firstPlace, _firstFeature) = (values[i], place, isLabel ? null : i);
            }
        }
    }

    /// <exception cref="ValidationException">There were such values.</exception>
    public void ThrowIfAny(RowSource source)
    {
        if (_count > 0)
        {
            var what = float.IsNaN(_first) ? "NaN" : _first > 0 ? "infinite" : "negative infinite";
            throw new ValidationException(source.Field, $"'{source.Path}' has {_count} values that are NaN, infinite or too large for float32; the "
                + $"first is {source.Describe(_firstPlace, _firstFeature)}: {what}");
        }
    }
}
