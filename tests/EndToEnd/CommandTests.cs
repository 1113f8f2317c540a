using System.Text.Json;
using Serverless.EndToEnd.Installations;
using Xunit.Abstractions;

namespace Serverless.EndToEnd;

/// <summary>The command on a machine where nothing runs, as a newcomer and a script meet it.</summary>
public sealed class CommandTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly CommandLineFolder _folder = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _folder.DisposeAsync().AsTask();

    [Fact]
    public async Task Demo_NothingRuns_TrainsPublishesAndPredicts()
    {
        var result = await _folder.RunAsync(Patience, "demo", "--json");

        Assert.True(result.Code == 0, result.ToString());
        var demo = result.Json;
        output.WriteLine(result.Output.Last());
        Assert.NotEqual("", demo.GetProperty("job").GetString());
        Assert.Equal(2, demo.GetProperty("trainers").GetInt32());
        Assert.InRange(demo.GetProperty("rounds").GetInt32(), 1, 10_000);
        Assert.InRange(demo.GetProperty("seconds").GetDouble(), 1, Patience.TotalSeconds);
        Assert.InRange(demo.GetProperty("imagesPerSecond").GetDouble(), 1, 1e9);
        Assert.InRange(demo.GetProperty("testAccuracy").GetDouble(), 0.88, 1);
        Assert.Matches("^[0-9a-f]{64}$", demo.GetProperty("parametersSha256").GetString());
        Assert.NotEqual("", demo.GetProperty("model").GetString());
        Assert.Equal(JsonValueKind.Object, demo.GetProperty("prediction").ValueKind);
    }

    [Fact]
    public async Task ImportSubmitInfer_NothingRuns_EachDoesItsPartAndTheNextFindsIt()
    {
        var train = _folder.Write("train.csv", TestData.Csv(rows: 400, seed: 1));
        var test = _folder.Write("test.csv", TestData.Csv(rows: 100, seed: 2));
        var job = _folder.Write("job.json", """
            {
              "dataset": "clouds",
              "network": { "layers": [ { "type": "flatten" }, { "type": "linear", "units": 4 } ] },
              "shards": 2, "batchSize": 20, "epochs": 4,
              "optimizer": { "type": "adam", "learningRate": 0.05 },
              "publish": { "model": "clouds" }
            }
            """);

        // A row of the first class, and one of the last; a label is no part of a question.
        var questions = _folder.Write("questions.csv", "1,0,0,0,1,0,0,0,1,0,0,0,1,0,0,0\n0,0,0,1,0,0,0,1,0,0,0,1,0,0,0,1\n");

        var imported = await _folder.RunAsync(
            Patience, "data", "import", "clouds", "--train", train, "--test", test, "--format", "csv", "--label", "last", "--shape", "1,4,4", "--scale", "1", "--json");
        Assert.True(imported.Code == 0, imported.ToString());
        Assert.Equal((400, 100), (imported.Json.GetProperty("rows").GetInt32(), imported.Json.GetProperty("testRows").GetInt32()));

        var trained = await _folder.RunAsync(Patience, "submit", job, "--watch", "--json");
        Assert.True(trained.Code == 0, trained.ToString());
        Assert.Equal("succeeded", trained.Json.GetProperty("state").GetString());
        Assert.Equal("clouds", trained.Json.GetProperty("model").GetString());
        Assert.InRange(trained.Json.GetProperty("testAccuracy").GetDouble(), 0.9, 1);

        var inferred = await _folder.RunAsync(Patience, "infer", "clouds", "--input", questions, "--json");
        Assert.True(inferred.Code == 0, inferred.ToString());
        output.WriteLine(inferred.Output.Last());
        string[] classes = [.. inferred.Json.GetProperty("predictions").EnumerateArray().Select(row => row.GetProperty("classes")[0].GetProperty("class").GetString()!)];
        Assert.Equal(["0", "3"], classes);
    }
}
