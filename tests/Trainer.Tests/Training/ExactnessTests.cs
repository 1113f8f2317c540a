using Serverless.Core.Jobs;
using Serverless.Core.Networks;

namespace Serverless.Trainer.Tests.Training;

/// <summary>Synchronous data-parallel training must come to what one process comes to that trains on the joined batches.</summary>
public sealed class ExactnessTests(TrainerCase trainers) : IClassFixture<TrainerCase>
{
    private const int Rounds = 50;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task OneLocalStep_PlainSgd_EqualsTrainingOnTheJoinedBatches(int shards)
    {
        // Rows that do not divide evenly: batches of different sizes have to be weighted.
        var data = await StoredDataset.WriteAsync(trainers.Storage, [1, 6, 6], classes: 3, rows: 103, testRows: 0);
        var spec = new JobSpec
        {
            Dataset = data.Name,
            Network = Deterministic(TrainerCase.SmallImages),
            Shards = shards,
            BatchSize = 16 / shards,
            Rounds = Rounds,
            Optimizer = new OptimizerSpec { LearningRate = 0.05 },
        };
        var plan = Planner.Plan("exactness", spec, data.Train);
        var job = TrainingJob.Create(spec, plan);
        using var workbench = new Workbench(trainers.Storage, job, data);
        var memory = workbench.Memory;
        using var single = new SingleProcess(job.Network, memory.Checkpoint.Trainable);

        for (var round = 0; round < Rounds; round++)
        {
            single.Step(workbench.JoinedBatch(round), spec.Optimizer.LearningRate);
            workbench.RunRound();
        }

        var expected = single.Parameters();
        var scale = expected.Max(Math.Abs);
        var difference = expected.Zip(memory.Checkpoint.Trainable, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(difference <= 1e-5 * scale, $"differs by {difference} where parameters go to {scale}");
    }

    // Batch statistics are of a shard's own batch, and dropout draws by shard: with either, shards are not meant to equal a joined batch.
    private static NetworkSpec Deterministic(NetworkSpec network) =>
        new([.. network.Layers.Where(layer => layer is not (Core.Networks.Layers.BatchNorm2dSpec or Core.Networks.Layers.DropoutSpec))]);
}
