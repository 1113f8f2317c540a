using System.Numerics;
using System.Runtime.InteropServices;

namespace Serverless.Core.Tensors;

/// <summary>Float32 values in half the bytes: the upper half of each, rounded to the nearest, ties to even, as torch and the processors' own instructions do it.</summary>
public static class BFloat16
{
    /// <summary>Bytes of a value.</summary>
    public const int Bytes = 2;

    private const uint Magnitude = 0x7FFF_FFFF;
    private const uint Infinity = 0x7F80_0000;
    private const uint QuietNaN = 0x0040_0000;
    private const uint UpperHalf = 0xFFFF_0000;
    private const uint JustBelowHalf = 0x7FFF;

    /// <summary>Rounds values to what bfloat16 can hold, and packs them.</summary>
    /// <param name="values">The values; afterwards what <see cref="Unpack"/> will give.</param>
    /// <param name="packed">Receives them little-endian: exactly <see cref="Bytes"/> a value.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Pack(Span<float> values, Span<byte> packed)
    {
        CheckLengths(values.Length, packed.Length);
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var halves = MemoryMarshal.Cast<byte, ushort>(packed);
        var lanes = Vector<uint>.Count;
        var i = 0;
        for (; i <= bits.Length - (2 * lanes); i += 2 * lanes)
        {
            var (low, high) = (Round(new Vector<uint>(bits[i..])), Round(new Vector<uint>(bits[(i + lanes)..])));
            low.CopyTo(bits[i..]);
            high.CopyTo(bits[(i + lanes)..]);
            Vector.Narrow(low >>> 16, high >>> 16).CopyTo(halves[i..]);
        }

        for (; i < bits.Length; i++)
        {
            bits[i] = Round(bits[i]);
            halves[i] = (ushort)(bits[i] >> 16);
        }
    }

    /// <summary>Unpacks values.</summary>
    /// <param name="packed">What <see cref="Pack"/> has made.</param>
    /// <param name="values">Receives them: one for each <see cref="Bytes"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Unpack(ReadOnlySpan<byte> packed, Span<float> values)
    {
        CheckLengths(values.Length, packed.Length);
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var halves = MemoryMarshal.Cast<byte, ushort>(packed);
        var lanes = Vector<uint>.Count;
        var i = 0;
        for (; i <= bits.Length - (2 * lanes); i += 2 * lanes)
        {
            Vector.Widen(new Vector<ushort>(halves[i..]), out var low, out var high);
            (low << 16).CopyTo(bits[i..]);
            (high << 16).CopyTo(bits[(i + lanes)..]);
        }

        for (; i < bits.Length; i++)
        {
            bits[i] = (uint)halves[i] << 16;
        }
    }

    private static Vector<uint> Round(Vector<uint> bits)
    {
        var rounded = (bits + new Vector<uint>(JustBelowHalf) + ((bits >>> 16) & Vector<uint>.One)) & new Vector<uint>(UpperHalf);
        var isNaN = Vector.GreaterThan(bits & new Vector<uint>(Magnitude), new Vector<uint>(Infinity));
        return Vector.ConditionalSelect(isNaN, (bits | new Vector<uint>(QuietNaN)) & new Vector<uint>(UpperHalf), rounded);
    }

    // A NaN keeps its upper half and stays one: carried like a number it could come out as zero.
    private static uint Round(uint bits) => (bits & Magnitude) > Infinity
        ? (bits | QuietNaN) & UpperHalf
        : (bits + JustBelowHalf + ((bits >> 16) & 1)) & UpperHalf;

    private static void CheckLengths(int values, int bytes)
    {
        if ((long)values * Bytes != bytes)
        {
            throw new ArgumentException($"{values} values are {(long)values * Bytes} bytes as bfloat16, not {bytes}.");
        }
    }
}
