using Serverless.Core.Jobs;

namespace Serverless.Trainer.Tests;

public sealed class TrainerProcessTests(TrainerCase trainers) : IClassFixture<TrainerCase>
{
    [Fact]
    public async Task Terminate_WithinALongRound_GivesTheShardsBackAndEndsWithZero()
    {
        var data = await StoredDataset.WriteAsync(trainers.Storage, [1, 8, 8], classes: 3, rows: 200, testRows: 0);
        var job = await trainers.SubmitAsync(
            new JobSpec { Dataset = data.Name, Network = TrainerCase.SmallImages, Shards = 2, BatchSize = 50, LocalSteps = 10_000, Rounds = 10 }, data.Train);
        using var child = Start(("SERVERLESS_TRAINER_ID", "terminated"));
        await Eventually.Async(async () => (await trainers.OwnersAsync(job)).Contains("terminated"), "a claim");

        child.Terminate();

        Assert.Equal(0, await child.EndAsync());
        Assert.All(await trainers.OwnersAsync(job), Assert.Null);
        var queue = trainers.Storage.Queue(Core.Storage.StorageNames.TrainingShardsQueue);
        Assert.NotEmpty((await queue.PeekMessagesAsync(10)).Value);
    }

    [Fact]
    public async Task Idle_NothingToDo_EndsWithZero()
    {
        using var child = Start(("SERVERLESS_TRAINER_IDLE_SECONDS", "0"));

        Assert.Equal(0, await child.EndAsync());
    }

    [Theory]
    [InlineData("SERVERLESS_TRAINER_THREADS", "0", "legal are whole numbers from 1 to 256")]
    [InlineData("SERVERLESS_TRAINER_DEVICE", "gpu", "legal as auto, cpu, cuda or cuda:n")]
    [InlineData("SERVERLESS_TRAINER_DEVICE", "cuda:99", "cuda:99")]
    [InlineData("AzureWebJobsStorage", "nonsense", "AzureWebJobsStorage")]
    public async Task Settings_Illegal_EndsWithTwoAndSaysWhy(string variable, string value, string expected)
    {
        using var child = Start((variable, value));

        Assert.Equal(2, await child.EndAsync());
        Assert.Contains(expected, child.Log, StringComparison.Ordinal);
    }

    private TrainerChild Start(params (string Name, string Value)[] more) => TrainerChild.Start([("AzureWebJobsStorage", trainers.ConnectionString), .. more]);
}
