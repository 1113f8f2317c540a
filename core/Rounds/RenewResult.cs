namespace Serverless.Core.Rounds;

/// <summary>What became of a claim that was to be renewed.</summary>
/// <param name="Outcome">What.</param>
/// <param name="RequestedBy">The trainer that asks for the shard, if one does.</param>
public readonly record struct RenewResult(RenewOutcome Outcome, string? RequestedBy = null);
