using Serverless.Cli.Connections;
using Serverless.Cli.Hosting;
using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;

namespace Serverless.Benchmarks.Training;

/// <summary>
/// The whole system on this machine with Fashion-MNIST in it: Azurite, the function apps, and trainers as processes of one thread. Azurite waits for the disk at every
/// write, which the cloud's storage does not have and the peer does not touch: where the system has a folder in memory, it keeps its data there.
/// </summary>
internal sealed class TrainingHost : IAsyncDisposable
{
    /// <summary>Name of the dataset.</summary>
    public const string Dataset = "fashion-mnist";

    private const string MemoryFolder = "/dev/shm";

    private readonly LocalHost _host;
    private readonly ServerlessStorage _storage;
    private readonly JobStore _jobs;
    private readonly string _folder;

    private TrainingHost(LocalHost host, ServerlessStorage storage, string folder)
    {
        (_host, _storage, _folder) = (host, storage, folder);
        _jobs = new JobStore(storage, TimeProvider.System);
    }

    /// <summary>Connection string of its storage.</summary>
    public string StorageConnectionString => _host.StorageConnectionString;

    /// <summary>Starts the host and imports the data.</summary>
    /// <param name="data">Folder of the gzipped IDX files.</param>
    /// <param name="trainers">Trainer processes at most.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<TrainingHost> StartAsync(string data, int trainers, CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Directory.Exists(MemoryFolder) ? MemoryFolder : Path.GetTempPath(), $"serverless-bench-{Guid.NewGuid():N}")).FullName;
        var host = await LocalHost.StartAsync(LocalHosts.Options(folder, trainers), cancellation);
        var storage = ServerlessStorage.Connect(host.StorageConnectionString);
        await new DatasetImporter(new DatasetStore(storage.Datasets)).ImportAsync(
            new ImportOptions
            {
                Name = Dataset,
                Format = SourceFormat.Idx,
                Train = Files(data, "train"),
                Test = Files(data, "t10k"),
            },
            null,
            cancellation);
        return new TrainingHost(host, storage, folder);
    }

    /// <summary>Runs a job to its end.</summary>
    /// <exception cref="InvalidOperationException">It did not succeed.</exception>
    public async Task<Throughput> RunAsync(JobSpec spec, CancellationToken cancellation)
    {
        var job = await _jobs.SubmitAsync(spec, cancellation);
        JobStatus? status;
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), cancellation);
            status = await _jobs.GetStatusAsync(job, cancellation);
        }
        while (status is null || !status.IsEnded);

        if (status.State != JobState.Succeeded)
        {
            throw new InvalidOperationException($"job {job} ended {status.State}: {status.Failure}");
        }

        var lines = new List<MetricsLine>();
        await foreach (var line in new MetricsLog(_storage).ReadAsync(job, cancellation: cancellation))
        {
            lines.Add(line);
        }

        return Sum(lines, spec.LocalSteps) with { TestAccuracy = status.Accuracy ?? double.NaN };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Throughput Sum(List<MetricsLine> lines, int localSteps)
    {
        var rounds = lines.Where(line => line.Shard is not null).GroupBy(line => line.Round).OrderBy(round => round.Key).ToList();
        var warm = Workload.WarmSteps / localSteps;
        var measured = rounds.Skip(warm + 1).ToList();
        var seconds = (measured[^1].Max(line => line.At) - rounds[warm].Max(line => line.At)).TotalSeconds;
        return new Throughput(
            measured.Sum(round => round.Sum(line => line.Samples)) / seconds,
            double.NaN,
            1000 * measured.Average(round => round.Average(line => line.ComputeSeconds ?? double.NaN)),
            1000 * measured.Average(round => round.Average(line => line.WaitSeconds ?? double.NaN)),
            1000 * seconds / measured.Count,
            "Serverless");
    }

    private static SourceFiles Files(string folder, string name) =>
        new(Path.Combine(folder, $"{name}-images-idx3-ubyte.gz"), Path.Combine(folder, $"{name}-labels-idx1-ubyte.gz"));
}
