namespace Serverless.Core.Storage;

/// <summary>What a request to storage was about.</summary>
public enum TrafficKind
{
    /// <summary>Anything not named below.</summary>
    Other,

    /// <summary>Queues and their messages.</summary>
    Queue,

    /// <summary>Parts and manifests of datasets.</summary>
    Dataset,

    /// <summary>Published models.</summary>
    Model,

    /// <summary>Specs, plans and the indexes of jobs.</summary>
    Job,

    /// <summary>Status of jobs.</summary>
    Status,

    /// <summary>Owners of shards.</summary>
    Owner,

    /// <summary>Contributions to rounds.</summary>
    Contribution,

    /// <summary>Optimizer state of shards.</summary>
    ShardState,

    /// <summary>Checkpoints.</summary>
    Checkpoint,

    /// <summary>Evaluations of checkpoints.</summary>
    Evaluation,

    /// <summary>Metrics.</summary>
    Metrics,

    /// <summary>Listings of a container.</summary>
    List,
}
