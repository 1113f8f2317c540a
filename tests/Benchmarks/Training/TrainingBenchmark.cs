using System.Globalization;
using Serverless.Core.Jobs;
using Spectre.Console;

namespace Serverless.Benchmarks.Training;

/// <summary>
/// Training throughput against PyTorch's DistributedDataParallel: same network, data, batches and number of epochs, two processes of one thread on either side.
/// Ours and the peer's runs alternate, and medians are compared, because machines are noisy.
/// </summary>
/// <param name="data">Folder of the gzipped IDX files.</param>
/// <param name="runs">Runs of each side.</param>
/// <param name="console">Where the tables go.</param>
internal sealed class TrainingBenchmark(string data, int runs, IAnsiConsole console)
{
    private const int Trainers = 2;
    private const int LocalSteps = 16;

    // Rounds so long that what a step takes is all that counts.
    private const int StepsAlone = 469;

    /// <summary>Measures the workloads and prints a table of each.</summary>
    public async Task RunAsync(IReadOnlyList<Workload> workloads, CancellationToken cancellation)
    {
        console.WriteLine(Machine.Describe());
        foreach (var workload in workloads)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{workload.Network}: Fashion-MNIST, batch {workload.Batch} a shard, {workload.Epochs} epochs, SGD {workload.LearningRate} with momentum {Workload.Momentum}, {runs} runs each, medians"));
            await RunAsync(workload, cancellation);
            await PrintTrafficAsync(workload, cancellation);
        }
    }

    private async Task RunAsync(Workload workload, CancellationToken cancellation)
    {
        List<Throughput> peer = [], meetings = [], compressed = [], everyStep = [], alone = [], peerAlone = [];
        for (var run = 1; run <= runs; run++)
        {
            peer.Add(await DistributedPeer.RunAsync(workload, data, Trainers, run, cancellation));
            await using (var host = await TrainingHost.StartAsync(data, Trainers, cancellation))
            {
                meetings.Add(await host.RunAsync(workload.Job(TrainingHost.Dataset, Trainers, LocalSteps, run), cancellation));
                compressed.Add(await host.RunAsync(workload.Job(TrainingHost.Dataset, Trainers, LocalSteps, run, Compression.BFloat16), cancellation));
                everyStep.Add(await host.RunAsync(workload.Job(TrainingHost.Dataset, Trainers, localSteps: 1, run) with { Epochs = 2 }, cancellation));
            }

            peerAlone.Add(await DistributedPeer.RunAsync(workload, data, processes: 1, run, cancellation));
            await using (var host = await TrainingHost.StartAsync(data, trainers: 1, cancellation))
            {
                alone.Add(await host.RunAsync(workload.Job(TrainingHost.Dataset, shards: 1, StepsAlone, run), cancellation));
            }
        }

        var table = new Table().AddColumns("", "images/s", "against the peer", "test accuracy", "round ms", "training", "writing", "waiting, reading");
        Add(table, $"{peer[0].Version} DDP, {Trainers} processes", peer, peer);
        Add(table, $"Serverless, {Trainers} trainers, localSteps {LocalSteps}", meetings, peer);
        Add(table, "the same, contributions as bfloat16", compressed, peer);
        Add(table, $"Serverless, {Trainers} trainers, localSteps 1, 2 epochs", everyStep, peer);
        Add(table, $"{peer[0].Version}, 1 process", peerAlone, peerAlone);
        Add(table, $"Serverless, 1 trainer, localSteps {StepsAlone}", alone, peerAlone);
        Add(table, "its steps alone", alone.ConvertAll(run => run.ComputeAlone), peerAlone);
        console.Write(table);
    }

    private async Task PrintTrafficAsync(Workload workload, CancellationToken cancellation)
    {
        await using var host = await TrainingHost.StartAsync(data, trainers: 0, cancellation);
        foreach (var localSteps in (int[])[LocalSteps, 1])
        {
            var spec = workload.Job(TrainingHost.Dataset, Trainers, localSteps, seed: 1) with { Epochs = null, Rounds = 100 };
            var rows = await RoundTraffic.MeasureAsync(host.StorageConnectionString, spec, cancellation);
            var table = new Table().AddColumns($"a round, localSteps {localSteps}", "reads", "writes", "bytes read", "bytes written");
            foreach (var row in rows)
            {
                table.AddRow(row.Kind.ToString(), Number(row.Reads), Number(row.Writes), Bytes(row.BytesRead), Bytes(row.BytesWritten));
            }

            table.AddRow("all", Number(rows.Sum(row => row.Reads)), Number(rows.Sum(row => row.Writes)), Bytes(rows.Sum(row => row.BytesRead)), Bytes(rows.Sum(row => row.BytesWritten)));
            console.Write(table);
        }
    }

    private static void Add(Table table, string name, List<Throughput> ours, List<Throughput> peer) => table.AddRow(
        name,
        Median(ours, run => run.ImagesPerSecond).ToString("N0", CultureInfo.InvariantCulture),
        Median(ours.Zip(peer, (a, b) => a.ImagesPerSecond / b.ImagesPerSecond), ratio => ratio).ToString("0.00×", CultureInfo.InvariantCulture),
        (100 * Median(ours, run => run.TestAccuracy)).ToString("0.00 '%'", CultureInfo.InvariantCulture),
        Milliseconds(Median(ours, run => run.RoundMilliseconds)),
        Milliseconds(Median(ours, run => run.ComputeMilliseconds)),
        Milliseconds(Median(ours, run => run.RoundMilliseconds - run.ComputeMilliseconds - run.WaitMilliseconds)),
        Milliseconds(Median(ours, run => run.WaitMilliseconds)));

    private static double Median<T>(IEnumerable<T> runs, Func<T, double> value)
    {
        var sorted = runs.Select(value).Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static string Milliseconds(double value) => double.IsNaN(value) ? "" : value.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Bytes(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
