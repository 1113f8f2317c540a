using Microsoft.Extensions.Logging;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;
using Serverless.Trainer.Devices;
using TorchSharp;

namespace Serverless.Trainer.Shards;

/// <summary>What all parts of a trainer work with.</summary>
internal sealed class TrainerServices
{
    /// <summary>Puts the parts together.</summary>
    /// <param name="trainerId">Names this trainer in owner blobs and metrics.</param>
    /// <param name="storage">The storage account.</param>
    /// <param name="engine">The thread that torch runs on.</param>
    /// <param name="device">Gives the device to compute on; asked on the engine's thread.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="ownership">How soon a dead trainer is noticed.</param>
    /// <param name="cacheBytes">Bytes of each split's parts that stay in memory.</param>
    public TrainerServices(
        string trainerId,
        ServerlessStorage storage,
        Engine engine,
        Func<torch.Device> device,
        TimeProvider time,
        ILoggerFactory loggers,
        OwnershipOptions? ownership = null,
        long cacheBytes = DatasetStore.DefaultCacheBytes)
    {
        TrainerId = trainerId;
        CacheBytes = cacheBytes;
        Engine = engine;
        Device = device;
        Time = time;
        Logger = loggers.CreateLogger("Serverless.Trainer");
        Jobs = new JobStore(storage, time);
        Rounds = new RoundStore(storage);
        Reducer = new RoundReducer(Rounds, new MetricsLog(storage), Jobs, time, loggers.CreateLogger<RoundReducer>());
        Ownership = new ShardOwnership(storage, time, ownership ?? new OwnershipOptions());
        Datasets = new DatasetStore(storage.Datasets);
        Hints = new Hints(storage);
        Queue = new ShardQueue(storage, loggers.CreateLogger<ShardQueue>());
    }

    /// <summary>Names this trainer.</summary>
    public string TrainerId { get; }

    /// <summary>Bytes of each split's parts that stay in memory.</summary>
    public long CacheBytes { get; }

    /// <summary>The thread that torch runs on.</summary>
    public Engine Engine { get; }

    /// <summary>Gives the device to compute on.</summary>
    public Func<torch.Device> Device { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Where the trainer tells what it does.</summary>
    public ILogger Logger { get; }

    /// <summary>Specs, plans, status.</summary>
    public JobStore Jobs { get; }

    /// <summary>Contributions, checkpoints, evaluations.</summary>
    public RoundStore Rounds { get; }

    /// <summary>Turns contributions into checkpoints.</summary>
    public RoundReducer Reducer { get; }

    /// <summary>Who works on which shard.</summary>
    public ShardOwnership Ownership { get; }

    /// <summary>The data.</summary>
    public DatasetStore Datasets { get; }

    /// <summary>Messages to others.</summary>
    public Hints Hints { get; }

    /// <summary>Shards that want a trainer.</summary>
    public ShardQueue Queue { get; }
}
