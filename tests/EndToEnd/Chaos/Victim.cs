namespace Serverless.EndToEnd.Chaos;

/// <summary>What is killed.</summary>
internal enum Victim
{
    /// <summary>A trainer. The scaler starts others when it sees work.</summary>
    Trainer,

    /// <summary>A trainer, as a machine that is taken away does it: SIGTERM.</summary>
    LeavingTrainer,

    /// <summary>The function host, started again soon after.</summary>
    Host,

    /// <summary>Storage, started again soon after with the data that it had on disk.</summary>
    Storage,
}
