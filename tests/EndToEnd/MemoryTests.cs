using System.Globalization;
using System.Text;
using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Jobs;
using Serverless.EndToEnd.Installations;
using Xunit.Abstractions;

namespace Serverless.EndToEnd;

/// <summary>Memory of real processes, as the system counts it, does not grow with the amount of work.</summary>
public sealed class MemoryTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const long Megabyte = 1 << 20;

    // Collected early and compacted, what is left is what is held.
    private static readonly Dictionary<string, string?> EagerCollection = new() { ["DOTNET_GCgen0size"] = "400000", ["DOTNET_GCConserveMemory"] = "9", ["DOTNET_gcConcurrent"] = "0" };
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Installation _installation = new();

    public async Task InitializeAsync()
    {
        await TestData.ImportAsync(_installation, TestJobs.Dataset, rows: 512, testRows: 16);
    }

    public Task DisposeAsync() => _installation.DisposeAsync().AsTask();

    [Fact]
    public async Task FunctionHost_MoreRoundsAndJobs_SameMemory()
    {
        // Two thirds of a megabyte a contribution and a checkpoint: one of either kept a round would be 20 MB over four jobs, what one reduction needs kept a job 10 MB.
        var host = await _installation.StartHostAsync(environment: EagerCollection);
        _installation.StartTrainer();
        var job = Wide(units: 8000, shards: 2, rounds: 8);

        // A young process grows while its code is compiled, and then no more; what is kept a job grows for ever.
        var samples = new List<long>();
        async Task<long> LeastOfFourAsync()
        {
            for (var i = 0; i < 4; i++)
            {
                await RunAsync(job);
                samples.Add(host.Process.ResidentBytes);
            }

            return samples.TakeLast(4).Min();
        }

        var (before, growth) = (await LeastOfFourAsync(), long.MaxValue);
        for (var i = 0; i < 4 && growth >= 8 * Megabyte; i++)
        {
            var after = await LeastOfFourAsync();
            (before, growth) = (after, after - before);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"MiB after each job of {job.Rounds} rounds: {Text(samples)}"));
        Assert.True(growth < 8 * Megabyte, $"The function host still grows, by {growth} bytes over the last four jobs of {job.Rounds} rounds: {Text(samples)} MiB");
    }

    [Fact]
    public async Task FunctionHost_MoreShards_SameMemory()
    {
        // Half a million parameters, two megabytes a contribution. Of 8 shards a reduction may have all on their way at once; of 32 as many, not 48 MB more.
        var host = await _installation.StartHostAsync(environment: EagerCollection);
        _installation.StartTrainer();
        await RunAsync(Wide(units: 24_000, shards: 8, rounds: 4));
        var few = await PeakAsync(host, Wide(units: 24_000, shards: 8, rounds: 4));
        var many = await PeakAsync(host, Wide(units: 24_000, shards: 32, rounds: 4));

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A function host takes {few / Megabyte} MiB at most with 8 shards and {many / Megabyte} MiB with 32."));
        Assert.True(many - few < 24 * Megabyte, $"A function host takes {few} bytes for 8 shards, {many} for 32.");
    }

    [Fact]
    public async Task Trainer_TenTimesTheData_SameMemory()
    {
        await _installation.StartHostAsync();
        await ImportAsync("twenty", rows: 20_000);
        await ImportAsync("two-hundred", rows: 200_000);

        var small = await PeakAsync("twenty");
        var large = await PeakAsync("two-hundred");

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A trainer takes {small / Megabyte} MiB at most for 20 MB of data and {large / Megabyte} MiB for 200 MB."));
        Assert.True(large - small < 48 * Megabyte, $"A trainer takes {small} bytes for 20 MB of data, {large} for 200 MB.");
    }

    private static JobSpec Wide(int units, int shards, int rounds) => JobSpec.Parse(Encoding.UTF8.GetBytes($$"""
        {
          "dataset": "{{TestJobs.Dataset}}",
          "network": { "layers": [ { "type": "flatten" }, { "type": "linear", "units": {{units}} }, { "type": "relu" }, { "type": "linear", "units": {{TestData.Classes}} } ] },
          "shards": {{shards}}, "batchSize": 4, "rounds": {{rounds}}, "aggregation": "function", "evaluateEvery": {{rounds}},
          "optimizer": { "type": "sgd", "learningRate": 0.001 }
        }
        """));

    private static string Text(IEnumerable<long> samples) => string.Join(", ", samples.Select(bytes => (bytes / Megabyte).ToString(CultureInfo.InvariantCulture)));

    private async Task RunAsync(JobSpec spec)
    {
        var status = await _installation.WaitForEndAsync(await _installation.Jobs.SubmitAsync(spec), Patience);
        Assert.True(status.State == JobState.Succeeded, $"{status.Failure}{Environment.NewLine}{_installation.Log.Tail()}");
    }

    /// <summary>The most memory that a function host takes during a job.</summary>
    private async Task<long> PeakAsync(FunctionHost host, JobSpec spec)
    {
        host.Process.ForgetPeak();
        await RunAsync(spec);
        return host.Process.PeakResidentBytes;
    }

    /// <summary>The most memory that a trainer ever takes, with room for eight parts in its cache.</summary>
    private async Task<long> PeakAsync(string dataset)
    {
        await using var trainer = _installation.StartTrainer(more: new Dictionary<string, string?>(EagerCollection) { ["SERVERLESS_TRAINER_CACHE_MB"] = "32" });
        await RunAsync(JobSpec.Parse(Encoding.UTF8.GetBytes($$"""
            {
              "dataset": "{{dataset}}",
              "network": { "layers": [ { "type": "flatten" }, { "type": "linear", "units": 2 } ] },
              "shards": 2, "batchSize": 500, "epochs": 1, "localSteps": 5,
              "optimizer": { "type": "sgd", "learningRate": 0.001 }
            }
            """)));
        return trainer.PeakResidentBytes;
    }

    /// <summary>Imports rows of a thousand bytes.</summary>
    private async Task ImportAsync(string dataset, int rows)
    {
        const int Width = 1000;
        var features = Path.Combine(_installation.Folder, $"{dataset}.npy");
        var labels = Path.Combine(_installation.Folder, $"{dataset}-labels.npy");
        await using (var file = File.Create(features))
        {
            file.Write(NpyHeader($"({rows}, {Width})"));
            var random = new Random(5);
            var row = new byte[Width];
            for (var i = 0; i < rows; i++)
            {
                random.NextBytes(row);
                file.Write(row);
            }
        }

        await using (var file = File.Create(labels))
        {
            file.Write(NpyHeader($"({rows},)"));
            for (var i = 0; i < rows; i++)
            {
                file.WriteByte((byte)(i & 1));
            }
        }

        await new DatasetImporter(new DatasetStore(_installation.Storage.Datasets)).ImportAsync(new ImportOptions
        {
            Name = dataset,
            Format = SourceFormat.Npy,
            Train = new SourceFiles(features, labels),
        });
        File.Delete(features);
    }

    private static byte[] NpyHeader(string shape)
    {
        // The format's version 1: magic, length of the description, the description padded to a multiple of 64 bytes.
        var description = $"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)description.Length, 0, .. Encoding.ASCII.GetBytes(description)];
    }
}
