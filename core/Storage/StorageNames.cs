namespace Serverless.Core.Storage;

/// <summary>Names of the containers and queues that functions, trainers and tools share.</summary>
public static class StorageNames
{
    /// <summary>Setting (or prefix of settings) that says where storage is, as Azure Functions call it.</summary>
    public const string Connection = "AzureWebJobsStorage";

    /// <summary>Container of jobs: specs, plans, status, rounds, checkpoints.</summary>
    public const string JobsContainer = "jobs";

    /// <summary>Container of datasets.</summary>
    public const string DatasetsContainer = "datasets";

    /// <summary>Container of published models.</summary>
    public const string ModelsContainer = "models";

    /// <summary>Queue of submissions: a job's id to plan, or a job spec as it would be posted over HTTP.</summary>
    public const string TrainingJobsQueue = "training-jobs";

    /// <summary>Queue of shards that want a trainer. Its length scales the trainers.</summary>
    public const string TrainingShardsQueue = "training-shards";

    /// <summary>Queue of rounds that may be ready to be reduced.</summary>
    public const string RoundContributionsQueue = "round-contributions";

    /// <summary>Queue of jobs whose last checkpoint may be published.</summary>
    public const string ModelPublicationsQueue = "model-publications";

    /// <summary>All containers.</summary>
    public static IReadOnlyList<string> Containers { get; } = [JobsContainer, DatasetsContainer, ModelsContainer];

    /// <summary>All queues, without their poison queues.</summary>
    public static IReadOnlyList<string> Queues { get; } = [TrainingJobsQueue, TrainingShardsQueue, RoundContributionsQueue, ModelPublicationsQueue];

    /// <summary>The queue that takes messages of <paramref name="queue"/> that failed too often.</summary>
    public static string Poison(string queue) => $"{queue}-poison";
}
