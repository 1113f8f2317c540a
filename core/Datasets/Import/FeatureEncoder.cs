using System.Globalization;
using System.Runtime.InteropServices;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>Writes features the way they are stored, and counts those that cannot be.</summary>
internal sealed class FeatureEncoder(FeatureSpec features)
{
    private long _count;
    private float _first;
    private long _firstPlace;
    private int _firstFeature;

    public void Encode(ReadOnlySpan<float> values, Span<byte> target, long place)
    {
        if (features.Type == FeatureType.Float32)
        {
            MemoryMarshal.AsBytes(values).CopyTo(target);
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            // Saturates, so that a value that is no byte never equals what came out.
            var stored = (byte)values[i];
            target[i] = stored;
            if (stored != values[i] && _count++ == 0)
            {
                (_first, _firstPlace, _firstFeature) = (values[i], place, i);
            }
        }
    }

    /// <exception cref="ValidationException">There were values that cannot be stored.</exception>
    public void ThrowIfAny(RowSource source)
    {
        if (_count > 0)
        {
            throw new ValidationException(source.Field, string.Create(
                CultureInfo.InvariantCulture,
                $"'{source.Path}' has {_count} values that are no whole numbers of 0..255 as the type uint8 asks for; the first is "
                    + $"{source.Describe(_firstPlace, _firstFeature)}: {_first}"));
        }
    }
}
