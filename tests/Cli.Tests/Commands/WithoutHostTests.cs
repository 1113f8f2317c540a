using System.Globalization;

namespace Serverless.Cli.Tests.Commands;

/// <summary>The commands of the README in a row, on a machine where no host runs: each starts what it needs, and finds what the one before it made.</summary>
public sealed class WithoutHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task ImportSubmitInfer_NoHostRunning_TrainPublishAndPredict()
    {
        // Two clouds of points, far apart: whatever learns at all separates them.
        var random = new Random(11);
        string Rows(int count) => string.Concat(Enumerable.Range(0, count).Select(i =>
        {
            var side = i % 2 == 0 ? 1 : -1;
            return string.Create(CultureInfo.InvariantCulture, $"{side + (0.3 * random.NextDouble()):0.000},{-side + (0.3 * random.NextDouble()):0.000},{(side > 0 ? "right" : "left")}\n");
        }));
        Write("train.csv", Rows(256));
        Write("test.csv", Rows(64));
        Write("ask.csv", "1,-1\n-1,1\n");
        Write("job.json", """
            {
              "dataset": "clouds", "network": { "layers": [{ "type": "linear", "units": 8 }, { "type": "relu" }, { "type": "linear", "units": 2 }] },
              "shards": 2, "epochs": 4, "batchSize": 16, "localSteps": 4, "optimizer": { "type": "sgd", "learningRate": 0.2 }, "seed": 5, "publish": { "model": "sides" }
            }
            """);

        var imported = await ToolProcess.RunAsync(_folder.Path, "data", "import", "clouds", "--train", "train.csv", "--test", "test.csv", "--format", "csv", "--json");
        Assert.True(imported.ExitCode == ExitCode.Ok, imported.Error);
        Assert.Contains("No host is running", imported.Error, StringComparison.Ordinal);

        var job = await ToolProcess.RunAsync(_folder.Path, "submit", "job.json", "--watch", "--json");
        Assert.True(job.ExitCode == ExitCode.Ok, job.Error);
        Assert.Equal("succeeded", job.Json.GetProperty("state").GetString());
        Assert.Equal("sides", job.Json.GetProperty("model").GetString());
        Assert.Equal(1, job.Json.GetProperty("testAccuracy").GetDouble());
        Assert.Equal(64, job.Json.GetProperty("parametersSha256").GetString()!.Length);
        Assert.True(job.Json.GetProperty("imagesPerSecond").GetDouble() > 0);
        Assert.InRange(job.Json.GetProperty("trainers").GetInt32(), 1, 2);

        var answer = await ToolProcess.RunAsync(_folder.Path, "infer", "sides", "--input", "ask.csv", "--json");
        Assert.True(answer.ExitCode == ExitCode.Ok, answer.Error);
        var classes = answer.Json.GetProperty("predictions").EnumerateArray().Select(row => row.GetProperty("classes")[0].GetProperty("class").GetString()!);
        Assert.Equal(["right", "left"], classes);
    }

    [Fact]
    public async Task Jobs_NoHostAndNoData_IsNoHostAndLeavesNothing()
    {
        var result = await ToolProcess.RunAsync(_folder.Path, "jobs");

        Assert.Equal(ExitCode.NoHost, result.ExitCode);
        Assert.Contains("serverless up", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string name, string content) => File.WriteAllText(_folder.File(name), content);
}
