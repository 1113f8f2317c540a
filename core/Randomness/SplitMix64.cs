namespace Serverless.Core.Randomness;

/// <summary>
/// The SplitMix64 generator: turns any seed, however poor, into well-mixed 64-bit words, and several numbers into one seed.
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014), with the constants of Vigna's public-domain
/// https://prng.di.unimi.it/splitmix64.c.
/// </summary>
public struct SplitMix64(ulong seed)
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    private ulong _state = seed;

    /// <summary>The next word.</summary>
    public ulong Next() => Mix(_state += Increment);

    /// <summary>
    /// One seed out of a seed and the coordinates of what it is for, such as (job seed, shard, epoch). Other coordinates, also the same ones in another order,
    /// give an unrelated seed.
    /// </summary>
    public static ulong Derive(long seed, params ReadOnlySpan<long> coordinates)
    {
        var state = Mix((ulong)seed + Increment);
        foreach (var coordinate in coordinates)
        {
            state = Mix((state ^ (ulong)coordinate) + Increment);
        }

        return state;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
