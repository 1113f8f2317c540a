namespace Serverless.Trainer.Shards;

/// <summary>How a run came to its end.</summary>
internal enum RunEnd
{
    /// <summary>The job is trained and evaluated.</summary>
    Trained,

    /// <summary>The job was cancelled, or has failed.</summary>
    JobEnded,

    /// <summary>Others have all shards now.</summary>
    NothingLeft,
}
