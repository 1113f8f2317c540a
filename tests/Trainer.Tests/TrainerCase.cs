using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;
using Serverless.Testing;
using Serverless.Trainer.Devices;
using Serverless.Trainer.Shards;
using static TorchSharp.torch;

namespace Serverless.Trainer.Tests;

/// <summary>A storage account with jobs in it, and trainers in this process that work on them.</summary>
public sealed class TrainerCase : IDisposable
{
    private readonly AzuriteServer _azurite = new();

    public TrainerCase()
    {
        Devices.NativeRuntime.Prepare(threads: 1);
        Devices.NativeRuntime.Load(threads: 1);
        Storage = ServerlessStorage.Connect(_azurite.ConnectionString);
        Storage.CreateAsync().GetAwaiter().GetResult();
        Jobs = new JobStore(Storage, TimeProvider.System);
        Rounds = new RoundStore(Storage);
        Reducer = new RoundReducer(Rounds, new MetricsLog(Storage), Jobs, TimeProvider.System, NullLogger<RoundReducer>.Instance);
    }

    public ServerlessStorage Storage { get; }

    public JobStore Jobs { get; }

    public RoundStore Rounds { get; }

    public RoundReducer Reducer { get; }

    public string ConnectionString => _azurite.ConnectionString;

    /// <summary>A network with everything that could make a run depend on who trains: convolution, batch statistics, dropout.</summary>
    internal static NetworkSpec SmallImages { get; } = new(
    [
        new Conv2dSpec(4, new Size2(3)) { Padding = new Size2(1) },
        new BatchNorm2dSpec(),
        new ReluSpec(),
        new MaxPool2dSpec(new Size2(2)),
        new FlattenSpec(),
        new LinearSpec(8),
        new DropoutSpec(0.2),
        new ReluSpec(),
        new LinearSpec(),
    ]);

    internal static NetworkSpec Perceptron { get; } = new([new LinearSpec(8), new TanhSpec(), new LinearSpec()]);

    /// <summary>Blows up with a high learning rate.</summary>
    internal static NetworkSpec Unstable { get; } =
        new([new FlattenSpec(), new LinearSpec(32), new ReluSpec(), new LinearSpec(32), new ReluSpec(), new LinearSpec()]);

    public void Dispose() => _azurite.Dispose();

    /// <summary>Plans a job as the control plane does: plan, first checkpoint, status, a hint a shard.</summary>
    internal async Task<TrainingJob> SubmitAsync(JobSpec spec, DatasetManifest train, bool hints = true)
    {
        var id = await Jobs.SubmitAsync(spec);
        var plan = Planner.Plan(id, spec, train);
        await Jobs.CreatePlanAsync(plan);
        var job = TrainingJob.Create(spec, plan);
        await Rounds.WriteInitialCheckpointAsync(job);
        await Jobs.UpdateStatusAsync(id, status => status with { State = JobState.Running, Rounds = plan.Rounds });
        if (hints)
        {
            await new Hints(Storage).ShardsAsync(id, plan.Shards.Select(shard => shard.Index));
        }

        return job;
    }

    /// <summary>Runs a trainer until it has nothing to do.</summary>
    internal Task RunTrainerAsync(string name, TimeSpan? idle = null, ILoggerFactory? loggers = null, CancellationToken leave = default) => Task.Run(async () =>
    {
        using var engine = new Engine();
        var thread = new Thread(engine.Run) { IsBackground = true };
        thread.Start();
        try
        {
            var services = new TrainerServices(name, Storage, engine, () => CPU, TimeProvider.System, loggers ?? NullLoggerFactory.Instance);
            await new TrainerLoop(services, idle ?? TimeSpan.FromSeconds(0.5)).RunAsync(leave);
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
        }
        finally
        {
            engine.Stop();
            thread.Join();
        }
    },
    CancellationToken.None);

    /// <summary>The identity of a finished job's parameters.</summary>
    internal async Task<string> ParametersAsync(TrainingJob job)
    {
        var checkpoint = new Checkpoint(job.Layout);
        Assert.True(await Rounds.TryReadCheckpointAsync(job.Id, job.Plan.Rounds, checkpoint), "the last checkpoint is missing");
        return checkpoint.ParametersSha256();
    }

    /// <summary>Waits until a job has got as far as a checkpoint.</summary>
    internal Task WhenAtAsync(TrainingJob job, int checkpoint) =>
        Eventually.Async(async () => await Rounds.LatestCheckpointAsync(job.Id) >= checkpoint, $"a checkpoint {checkpoint}");

    /// <summary>Who has each shard; null where nobody has.</summary>
    internal async Task<string?[]> OwnersAsync(TrainingJob job)
    {
        var ownership = new ShardOwnership(Storage, TimeProvider.System, new OwnershipOptions());
        return await Task.WhenAll(job.Plan.Shards.Select(async shard => (await ownership.ReadAsync(job.Id, shard.Index))?.Trainer));
    }

    /// <summary>Takes away what a job's shards remember.</summary>
    internal async Task DeleteStatesAsync(TrainingJob job)
    {
        await foreach (var blob in Storage.Jobs.GetBlobsAsync(prefix: JobBlobs.Rounds(job.Id)))
        {
            if (blob.Name.Contains(".state.", StringComparison.Ordinal))
            {
                await Storage.Jobs.DeleteBlobAsync(blob.Name);
            }
        }
    }

    /// <summary>Empties the queue of what a test has left in it.</summary>
    internal Task DrainHintsAsync() => Storage.Queue(StorageNames.TrainingShardsQueue).ClearMessagesAsync();
}
