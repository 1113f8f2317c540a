namespace Serverless.Core.Rounds;

/// <summary>What became of a claim that was to be renewed.</summary>
public enum RenewOutcome
{
    /// <summary>It holds on.</summary>
    Kept,

    /// <summary>Another trainer has the shard.</summary>
    Lost,

    /// <summary>It holds on, and another trainer asks for the shard: to be handed over after the present round.</summary>
    HandOverRequested,
}
