namespace Serverless.Core.Rounds;

/// <summary>The contributions of a round whose checkpoint was made of them.</summary>
/// <param name="Round">The round.</param>
/// <param name="Entries">Its contributions, in the order of their shards.</param>
internal readonly record struct RoundEntries(int Round, IReadOnlyList<ContributionEntry> Entries);
