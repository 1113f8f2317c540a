using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Trainer.Evaluation;
using Serverless.Trainer.Modules;
using static TorchSharp.torch;

namespace Serverless.Trainer.Tests.Evaluation;

public sealed class ShardEvaluatorTests(TrainerCase trainers) : IClassFixture<TrainerCase>
{
    // More than the rows whose outputs are kept, and more than a batch.
    private const int TestRows = 300;

    [Fact]
    public async Task Evaluate_SlicesOfTheTestSplit_AddUpToTheWhole()
    {
        var data = await StoredDataset.WriteAsync(trainers.Storage, [1, 8, 8], classes: 3, rows: 30, TestRows);
        var spec = new JobSpec { Dataset = data.Name, Network = TrainerCase.SmallImages, Shards = 3, BatchSize = 10, Rounds = 1 };
        var job = TrainingJob.Create(spec, Planner.Plan("evaluation", spec, data.Train));
        var store = new DatasetStore(trainers.Storage.Datasets);
        using var reader = store.OpenReader(await store.GetManifestAsync(data.Name, DatasetSplits.Test));
        using var module = new NetworkModule(job.Network, CPU);
        var (trainable, buffers) = (new float[job.Layout.TrainableLength], new float[job.Layout.BufferLength]);
        Initialisation.Fill(job.Network, spec.Seed, trainable, buffers);
        module.Parameters.Load(trainable, buffers);
        using var evaluator = new ShardEvaluator(job, reader.Manifest.Label, module);

        var whole = Evaluate(0, TestRows);
        var slices = job.Plan.Shards.Select(shard => Evaluate(shard.FirstTestRow, shard.TestRows)).ToArray();

        Assert.Equal(TestRows, slices.Sum(slice => slice.Rows));
        Assert.Equal(whole.Correct, slices.Sum(slice => slice.Correct));
        Assert.Equal(whole.LossSum, slices.Sum(slice => slice.LossSum), 1e-3);
        Assert.Equal(ShardEvaluator.KeptRows * 3, whole.Outputs.Length);
        var kept = slices.SelectMany(slice => slice.Outputs.ToArray()).ToArray();
        Assert.Equal(whole.Outputs.Length, kept.Length);
        Assert.All(whole.Outputs.ToArray().Zip(kept), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

        Core.Rounds.ShardEvaluation Evaluate(long firstRow, long rows)
        {
            using var slice = new SliceReader(reader, firstRow, rows, ShardEvaluator.BatchRows);
            return evaluator.Evaluate(slice, firstRow, keepOutputs: true, CancellationToken.None);
        }
    }
}
