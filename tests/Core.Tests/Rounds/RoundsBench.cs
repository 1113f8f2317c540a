using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;
using Serverless.Core.Tests.Jobs;
using Serverless.Testing;

namespace Serverless.Core.Tests.Rounds;

/// <summary>A storage account and what works on it, as one process has them.</summary>
internal sealed class RoundsBench
{
    public RoundsBench(AzuriteServer azurite, TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        Storage = ServerlessStorage.Connect(azurite.ConnectionString);
        Rounds = new RoundStore(Storage);
        Metrics = new MetricsLog(Storage);
        Jobs = new JobStore(Storage, Time);
        Reducer = new RoundReducer(Rounds, Metrics, Jobs, Time, NullLogger<RoundReducer>.Instance);
        Ownership = new ShardOwnership(Storage, Time, new OwnershipOptions());
    }

    public TimeProvider Time { get; }

    public ServerlessStorage Storage { get; }

    public RoundStore Rounds { get; }

    public MetricsLog Metrics { get; }

    public JobStore Jobs { get; }

    public RoundReducer Reducer { get; }

    public ShardOwnership Ownership { get; }

    /// <summary>Submits and plans a job and writes its checkpoint 0.</summary>
    public async Task<TrainingJob> BeginAsync(JobSpec spec)
    {
        await Storage.CreateAsync();
        var job = TrainingJob.Create(spec, Planner.Plan(await Jobs.SubmitAsync(spec), spec, SampleJobs.Dataset()));
        Assert.True(await Jobs.CreatePlanAsync(job.Plan));
        Assert.True(await Rounds.WriteInitialCheckpointAsync(job));
        await Jobs.UpdateStatusAsync(job.Id, status => status with { State = JobState.Running, Rounds = job.Plan.Rounds });
        return job;
    }

    /// <summary>What a shard contributes: a function of the round and the shard.</summary>
    public static Contribution Contribute(TrainingJob job, int round, int shard)
    {
        var contribution = WeightedMeanTests.Random(new Contribution(job.Layout), new Random((round * 1000) + shard));
        (contribution.Samples, contribution.LossSum, contribution.Steps) = (10 + shard, 0.5 * (10 + shard) / (round + 1), 1);
        return contribution;
    }

    public async Task WriteContributionsAsync(TrainingJob job, int round, IEnumerable<int>? shards = null)
    {
        foreach (var shard in shards ?? Enumerable.Range(0, job.Plan.Shards.Count))
        {
            var facts = new BlobFacts($"trainer-{shard}", TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(40));
            Assert.True(await Rounds.WriteContributionAsync(job.Id, round, shard, Contribute(job, round, shard), facts));
        }
    }

    public async Task<string> ParametersSha256Async(TrainingJob job, int round)
    {
        var checkpoint = new Checkpoint(job.Layout);
        Assert.True(await Rounds.TryReadCheckpointAsync(job.Id, round, checkpoint));
        return checkpoint.ParametersSha256();
    }
}
