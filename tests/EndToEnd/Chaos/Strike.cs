namespace Serverless.EndToEnd.Chaos;

/// <summary>One act of violence.</summary>
/// <param name="AfterProgress">Whether the job first has to get on again after the one before; otherwise it comes while the system is still at a loss.</param>
/// <param name="Pause">How long to wait then.</param>
/// <param name="Victim">Who.</param>
/// <param name="Which">Chooses among several, 0 to 1.</param>
/// <param name="Away">How long it stays away before it is started again.</param>
internal sealed record Strike(bool AfterProgress, TimeSpan Pause, Victim Victim, double Which, TimeSpan Away)
{
    private const double LongestPause = 1.0;
    private const double LongestAbsence = 1.0;

    /// <summary>A schedule of kills: the same for the same seed.</summary>
    /// <param name="count">How many kill -9 there are; SIGTERMs come on top.</param>
    /// <param name="seed">Seed.</param>
    public static IReadOnlyList<Strike> Schedule(int count, int seed)
    {
        var random = new Random(seed);
        var strikes = new List<Strike>();
        for (var kills = 0; kills < count;)
        {
            // Each kind comes once at least; then most are trainers, as there are most of them.
            var victim = kills switch
            {
                0 => Victim.Trainer,
                1 => Victim.Host,
                2 => Victim.Storage,
                _ => random.Next(10) switch
                {
                    < 5 => Victim.Trainer,
                    < 6 => Victim.LeavingTrainer,
                    < 8 => Victim.Host,
                    _ => Victim.Storage,
                },
            };
            strikes.Add(new Strike(
                AfterProgress: random.Next(4) > 0,
                TimeSpan.FromSeconds(random.NextDouble() * LongestPause), victim, random.NextDouble(), TimeSpan.FromSeconds(random.NextDouble() * LongestAbsence)));
            kills += victim == Victim.LeavingTrainer ? 0 : 1;
        }

        return strikes;
    }
}
