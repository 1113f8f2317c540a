namespace Serverless.Core.Rounds;

/// <summary>What became of a shard that was to be handed over.</summary>
public enum HandOverOutcome
{
    /// <summary>The other trainer has it.</summary>
    Done,

    /// <summary>It was lost to another trainer before.</summary>
    Lost,

    /// <summary>The other trainer does not ask for it any more: it stays.</summary>
    Withdrawn,
}
