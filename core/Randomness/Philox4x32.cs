namespace Serverless.Core.Randomness;

/// <summary>
/// A counter-based random generator: the output is a keyed function of a counter, so that any value can be had at any time, in any order and on any machine, with no
/// state to carry along. Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (SC'11).
/// </summary>
/// <param name="key">Selects one of 2⁶⁴ functions: the seed.</param>
public readonly struct Philox4x32(ulong key)
{
    private const int Rounds = 10;
    private const uint FirstMultiplier = 0xD2511F53;
    private const uint SecondMultiplier = 0xCD9E8D57;

    // The golden ratio and √3 − 1, which the key is stepped by between the rounds.
    private const uint FirstStep = 0x9E3779B9;
    private const uint SecondStep = 0xBB67AE85;

    /// <summary>Computes four random words.</summary>
    /// <param name="index">The lower half of the counter: which block of four of its stream.</param>
    /// <param name="stream">The upper half of the counter: keeps apart what is drawn for different purposes under one seed.</param>
    /// <param name="words">Receives the words; at least four long.</param>
    public void Fill(ulong index, ulong stream, Span<uint> words)
    {
        uint c0 = (uint)index, c1 = (uint)(index >> 32), c2 = (uint)stream, c3 = (uint)(stream >> 32);
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong first = (ulong)FirstMultiplier * c0;
            ulong second = (ulong)SecondMultiplier * c2;
            (c0, c1, c2, c3) = ((uint)(second >> 32) ^ c1 ^ k0, (uint)second, (uint)(first >> 32) ^ c3 ^ k1, (uint)first);
            k0 += FirstStep;
            k1 += SecondStep;
        }

        words[3] = c3;
        words[2] = c2;
        words[1] = c1;
        words[0] = c0;
    }
}
