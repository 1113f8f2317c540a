using Serverless.Core.Jobs;

namespace Serverless.Trainer.Tests.Shards;

public sealed class TrainersTests(TrainerCase trainers) : IClassFixture<TrainerCase>
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Job_AnyNumberOfTrainers_GivesTheSameParameters(int localSteps)
    {
        var data = await StoredDataset.WriteAsync(trainers.Storage, [1, 8, 8], classes: 3, rows: 200, testRows: 40);
        var spec = new JobSpec
        {
            Dataset = data.Name,
            Network = TrainerCase.SmallImages,
            Shards = 4,
            BatchSize = 10,
            LocalSteps = localSteps,
            Rounds = 12,
            EvaluateEvery = 5,
            Optimizer = new OptimizerSpec { Type = OptimizerKind.Adam, LearningRate = 0.01 },
        };
        var results = new List<string>();
        for (var count = 1; count <= 4; count++)
        {
            var job = await trainers.SubmitAsync(spec, data.Train);
            await Task.WhenAll(Enumerable.Range(0, count).Select(index => trainers.RunTrainerAsync($"trainer-{index}")));
            results.Add(await trainers.ParametersAsync(job));
            var summary = await trainers.Rounds.ReadEvaluationsAsync(job.Id, job.Plan.Rounds);
            Assert.Equal(40, summary.Rows);
        }

        Assert.Single(results.Distinct());
    }
}
