using System.Numerics;

namespace Serverless.Core.Randomness;

/// <summary>
/// The xoshiro256** generator, seeded by <see cref="SplitMix64"/> as its authors advise. Its words are fixed by its definition, so what is drawn from a seed
/// today is
/// drawn from it on every machine and by every later version; <see cref="Random"/> promises no such thing.
/// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (ACM TOMS 47, 2021), https://prng.di.unimi.it/xoshiro256starstar.c (public
/// domain).
/// </summary>
public struct Xoshiro256
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>A generator whose words depend on <paramref name="seed"/> only.</summary>
    public Xoshiro256(ulong seed)
    {
        var mixer = new SplitMix64(seed);
        (_s0, _s1, _s2, _s3) = (mixer.Next(), mixer.Next(), mixer.Next(), mixer.Next());
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number from 0 to <paramref name="bound"/> - 1, each equally likely.</summary>
    /// <remarks>Lemire, "Fast random integer generation in an interval" (ACM TOMACS 29, 2019): a multiplication, and a rejection in the rare case that would
    /// be unfair.</remarks>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var range = (uint)bound;
        var product = (Next() >> 32) * range;
        if ((uint)product < range)
        {
            var threshold = (0u - range) % range;
            while ((uint)product < threshold)
            {
                product = (Next() >> 32) * range;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Puts values in random order, each order equally likely (Fisher and Yates' shuffle in Durstenfeld's form).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>Fills a span with 0 … length - 1 in random order.</summary>
    public void Permute(Span<int> indices)
    {
        for (var i = 0; i < indices.Length; i++)
        {
            indices[i] = i;
        }

        Shuffle(indices);
    }
}
