using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;
using Serverless.Core.Rounds;
using static TorchSharp.torch;

namespace Serverless.Trainer.Tests.Training;

public sealed class ShardTrainerTests(TrainerCase trainers) : IClassFixture<TrainerCase>
{
    [Fact]
    public async Task Train_SeveralLocalSteps_GivesStartMinusEnd()
    {
        // With one shard and plain SGD, two rounds of a step are one round of two steps.
        var (stepwise, data) = await JobAsync(TrainerCase.Perceptron, localSteps: 1, rounds: 2, shards: 1);
        var local = Like(stepwise, data, spec => spec with { LocalSteps = 2, Rounds = 1 });
        using var rounds = new Workbench(trainers.Storage, stepwise, data);
        using var steps = new Workbench(trainers.Storage, local, data);
        var start = steps.Memory.Checkpoint.Trainable.ToArray();

        rounds.RunRound();
        rounds.RunRound();
        var contribution = steps.Train(0);

        var end = rounds.Memory.Checkpoint.Trainable;
        Assert.All(Enumerable.Range(0, start.Length), i => Assert.Equal(start[i] - end[i], contribution.Trainable[i], 1e-6f));
        Assert.Equal(2, contribution.Steps);
        Assert.Equal(20, contribution.Samples);
    }

    [Fact]
    public async Task Train_Twice_GivesTheSameBits()
    {
        var (job, data) = await JobAsync(TrainerCase.SmallImages, localSteps: 5, rounds: 3);
        using var workbench = new Workbench(trainers.Storage, job, data);

        var first = workbench.Train(1);
        Array.ForEach(workbench.States, state => Forget(state));
        var second = workbench.Train(1);

        Assert.Equal(first.Trainable, second.Trainable);
        Assert.Equal(first.Buffers, second.Buffers);
        Assert.Equal(first.LossSum, second.LossSum);
    }

    [Fact]
    public async Task Train_StateReset_ForgetsBetweenRounds()
    {
        var (keeping, data) = await JobAsync(TrainerCase.Perceptron, localSteps: 4, rounds: 3, state: OptimizerState.Keep);
        var resetting = Like(keeping, data, spec => spec with { Optimizer = spec.Optimizer with { State = OptimizerState.Reset } });
        using var keeper = new Workbench(trainers.Storage, keeping, data);
        using var forgetter = new Workbench(trainers.Storage, resetting, data);

        Assert.All(keeper.States, state => Assert.NotNull(state));
        Assert.All(forgetter.States, state => Assert.Null(state));
        keeper.RunRound();
        forgetter.RunRound();
        Assert.Equal(keeper.Memory.Checkpoint.Trainable, forgetter.Memory.Checkpoint.Trainable);
        Assert.Equal(4, keeper.States[0]!.Step);

        keeper.RunRound();
        forgetter.RunRound();
        Assert.NotEqual(keeper.Memory.Checkpoint.Trainable, forgetter.Memory.Checkpoint.Trainable);
        Assert.Equal(8, keeper.States[0]!.Step);
    }

    [Theory]
    [InlineData(1, OptimizerKind.Adam, PruningPattern.Unstructured)]
    [InlineData(3, OptimizerKind.Sgd, PruningPattern.Unstructured)]
    [InlineData(3, OptimizerKind.AdamW, PruningPattern.TwoOfFour)]
    public async Task Train_Pruning_WeightsThatBecameZeroStaySo(int localSteps, OptimizerKind optimizer, PruningPattern pattern)
    {
        const int Rounds = 8;
        var (dense, data) = await JobAsync(TrainerCase.Perceptron, localSteps, Rounds);
        var momentum = optimizer == OptimizerKind.Sgd ? 0.9 : 0;
        var job = Like(dense, data, spec => spec with
        {
            Optimizer = new OptimizerSpec { Type = optimizer, LearningRate = 0.05, Momentum = momentum, WeightDecay = 0.01 },
            Outer = localSteps == 1 ? new OuterSpec() : new OuterSpec { Type = OuterKind.Nesterov, LearningRate = 0.7, Momentum = 0.9 },
            Pruning = new PruningSpec { Pattern = pattern, Begin = 0.25, End = 0.5 },
        });
        using var workbench = new Workbench(trainers.Storage, job, data);
        var pruning = MagnitudePruning.Of(job)!;
        var weights = job.Layout.Slots.Where(slot => slot.Shape.Length == 2).ToList();
        var zeros = new HashSet<int>();

        for (var round = 0; round < Rounds; round++)
        {
            workbench.RunRound();
            var trainable = workbench.Memory.Checkpoint.Trainable;
            HashSet<int> now = [.. weights.SelectMany(slot => Enumerable.Range(slot.Offset, slot.Length)).Where(i => trainable[i] == 0)];
            Assert.Superset(zeros, now);
            zeros = now;
        }

        Assert.InRange(pruning.SparsityOf(workbench.Memory.Checkpoint.Trainable), 0.4, 0.5);
        Assert.True(zeros.Count > 0);
    }

    [Fact]
    public async Task Train_BatchNorm_ContributesTheNewStatistics()
    {
        NetworkSpec network = new([new BatchNorm2dSpec(Momentum: 0.3), new FlattenSpec(), new LinearSpec()]);
        var (job, data) = await JobAsync(network, localSteps: 1, rounds: 1);
        using var workbench = new Workbench(trainers.Storage, job, data);

        var contribution = workbench.Train(0);

        var (features, _) = workbench.JoinedBatch(0);
        var mine = features.AsSpan(0, (int)contribution.Samples * 64).ToArray();
        var mean = mine.Average();
        var variance = mine.Sum(value => (value - mean) * (value - mean)) / (mine.Length - 1);
        Assert.Equal(0.3f * mean, contribution.Buffers[0], 1e-5f);
        Assert.Equal(0.7f + (0.3f * variance), contribution.Buffers[1], 1e-4f);
    }

    [Fact]
    public async Task Train_LearningRateFarTooHigh_SaysRoundAndLoss()
    {
        NetworkSpec network = new([new FlattenSpec(), new LinearSpec(32), new ReluSpec(), new LinearSpec(32), new ReluSpec(), new LinearSpec()]);
        var (job, data) = await JobAsync(network, localSteps: 50, rounds: 2, learningRate: 1000);
        using var workbench = new Workbench(trainers.Storage, job, data);

        var diverged = Assert.Throws<DivergedException>(() => workbench.Train(0));

        Assert.Equal((0, 0), (diverged.Round, diverged.Shard));
        Assert.False(double.IsFinite(diverged.Loss));
    }

    [Fact]
    public async Task Train_Cancelled_StopsWithinTheRound()
    {
        var (job, data) = await JobAsync(TrainerCase.Perceptron, localSteps: 10_000, rounds: 1);
        using var workbench = new Workbench(trainers.Storage, job, data);
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();

        Assert.Throws<OperationCanceledException>(() => workbench.Train(0, cancellation.Token));
    }

    [Fact]
    public async Task Train_ManySteps_LeavesNoTensorBehind()
    {
        var (job, data) = await JobAsync(TrainerCase.SmallImages, localSteps: 20, rounds: 5);
        using var workbench = new Workbench(trainers.Storage, job, data);
        workbench.RunRound();

        // What earlier tests left to the collector must not go in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;

        workbench.RunRound();
        workbench.RunRound();

        Assert.Equal(before, Tensor.TotalCount);
    }

    private static void Forget(ShardState? state)
    {
        if (state is not null)
        {
            state.Step = 0;
            state.Tensors.Values.ToList().ForEach(values => Array.Clear(values));
        }
    }

    private static TrainingJob Like(TrainingJob job, StoredDataset data, Func<JobSpec, JobSpec> change)
    {
        var spec = change(job.Spec);
        return TrainingJob.Create(spec, Planner.Plan("bench", spec, data.Train));
    }

    private async Task<(TrainingJob Job, StoredDataset Data)> JobAsync(
        NetworkSpec network, int localSteps, int rounds, OptimizerState state = OptimizerState.Keep, double learningRate = 0.05, int shards = 2)
    {
        int[] shape = network == TrainerCase.Perceptron ? [20] : [1, 8, 8];
        var data = await StoredDataset.WriteAsync(trainers.Storage, shape, classes: 3, rows: 60, testRows: 0);
        var spec = new JobSpec
        {
            Dataset = data.Name,
            Network = network,
            Shards = shards,
            BatchSize = 10,
            LocalSteps = localSteps,
            Rounds = rounds,
            Optimizer = new OptimizerSpec { LearningRate = learningRate, Momentum = localSteps > 2 ? 0.9 : 0, State = state },
        };
        return (TrainingJob.Create(spec, Planner.Plan("bench", spec, data.Train)), data);
    }
}
