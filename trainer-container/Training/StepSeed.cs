namespace Serverless.Trainer.Training;

/// <summary>The seed of what is random inside one training step, so that a step is the same on whichever trainer and in whichever attempt it runs.</summary>
internal static class StepSeed
{
    /// <summary>A well-mixed function of its arguments; not negative, as torch wants its seeds.</summary>
    /// <param name="jobSeed">The job's seed.</param>
    /// <param name="round">The round.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="step">The step within the round.</param>
    public static long Of(long jobSeed, int round, int shard, int step)
    {
        var state = Mix((ulong)jobSeed);
        state = Mix(state ^ (uint)round);
        state = Mix(state ^ (uint)shard);
        return (long)(Mix(state ^ (uint)step) >> 1);
    }

    // The finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
