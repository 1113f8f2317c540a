namespace Serverless.Core.Rounds;

/// <summary>What became of an attempt to reduce a round.</summary>
public enum ReduceOutcome
{
    /// <summary>The next checkpoint was written here.</summary>
    Reduced,

    /// <summary>The next checkpoint was there already, or another reducer was faster.</summary>
    AlreadyDone,

    /// <summary>Contributions are missing.</summary>
    NotReady,

    /// <summary>The checkpoint that the round begins with is not there.</summary>
    NoCheckpoint,
}
