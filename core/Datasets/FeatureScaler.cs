using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Serverless.Core.Datasets;

/// <summary>
/// Turns the stored features of a row into float32 network inputs: (raw - offset) * scale. Element by element, so the result does not depend on how wide the
/// machine's
/// vectors are.
/// </summary>
internal sealed class FeatureScaler
{
    private readonly bool _isBytes;
    private readonly bool _isIdentity;
    private readonly float[] _offset;
    private readonly float[] _scale;

    public FeatureScaler(FeatureSpec features, ScalingSpec scaling)
    {
        _isBytes = features.Type == FeatureType.UInt8;
        _isIdentity = scaling.Offset.All(offset => offset == 0) && scaling.Scale.All(scale => scale == 1);

        // One number for all features is spread out: a single inner loop serves both kinds, and the two short arrays stay in the first-level cache.
        _offset = Spread(scaling.Offset, features.Count);
        _scale = Spread(scaling.Scale, features.Count);
    }

    /// <summary>Scales one row's features.</summary>
    /// <param name="raw">The row; what follows its features is left alone.</param>
    /// <param name="scaled">As long as there are features.</param>
    public void Scale(ReadOnlySpan<byte> raw, Span<float> scaled)
    {
        if (_isBytes)
        {
            ScaleBytes(raw[..scaled.Length], scaled);
        }
        else if (_isIdentity)
        {
            raw[..(sizeof(float) * scaled.Length)].CopyTo(MemoryMarshal.AsBytes(scaled));
        }
        else
        {
            ScaleFloats(MemoryMarshal.Cast<byte, float>(raw)[..scaled.Length], scaled);
        }
    }

    private static float[] Spread(IReadOnlyList<float> values, int count) => values.Count == count ? [.. values] : [.. Enumerable.Repeat(values[0], count)];

    private void ScaleBytes(ReadOnlySpan<byte> raw, Span<float> scaled)
    {
        ref var source = ref MemoryMarshal.GetReference(raw);
        ref var target = ref MemoryMarshal.GetReference(scaled);
        ref var offset = ref MemoryMarshal.GetArrayDataReference(_offset);
        ref var scale = ref MemoryMarshal.GetArrayDataReference(_scale);
        var i = 0;
        for (; i <= scaled.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref source, (nuint)i));
            var (first, second) = Vector256.Widen(low);
            var (third, fourth) = Vector256.Widen(high);
            Store(first, ref offset, ref scale, ref target, (nuint)i);
            Store(second, ref offset, ref scale, ref target, (nuint)i + 8);
            Store(third, ref offset, ref scale, ref target, (nuint)i + 16);
            Store(fourth, ref offset, ref scale, ref target, (nuint)i + 24);
        }

        for (; i < scaled.Length; i++)
        {
            scaled[i] = (raw[i] - _offset[i]) * _scale[i];
        }
    }

    private void ScaleFloats(ReadOnlySpan<float> raw, Span<float> scaled)
    {
        ref var source = ref MemoryMarshal.GetReference(raw);
        ref var target = ref MemoryMarshal.GetReference(scaled);
        ref var offset = ref MemoryMarshal.GetArrayDataReference(_offset);
        ref var scale = ref MemoryMarshal.GetArrayDataReference(_scale);
        var i = 0;
        for (; i <= scaled.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var numbers = Vector256.LoadUnsafe(ref source, (nuint)i) - Vector256.LoadUnsafe(ref offset, (nuint)i);
            (numbers * Vector256.LoadUnsafe(ref scale, (nuint)i)).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < scaled.Length; i++)
        {
            scaled[i] = (raw[i] - _offset[i]) * _scale[i];
        }
    }

    private static void Store(Vector256<uint> raw, ref float offset, ref float scale, ref float target, nuint index)
    {
        var difference = Vector256.ConvertToSingle(raw.AsInt32()) - Vector256.LoadUnsafe(ref offset, index);
        (difference * Vector256.LoadUnsafe(ref scale, index)).StoreUnsafe(ref target, index);
    }
}
