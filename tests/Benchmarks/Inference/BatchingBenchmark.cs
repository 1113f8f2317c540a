using System.Globalization;
using Spectre.Console;

namespace Serverless.Benchmarks.Inference;

/// <summary>What joining requests does to a model: the same one served twice by the same process, with and without, under load in turns.</summary>
/// <param name="runs">Loads of each.</param>
/// <param name="seconds">Seconds of each load.</param>
/// <param name="console">Where the table goes.</param>
internal sealed class BatchingBenchmark(int runs, int seconds, IAnsiConsole console)
{
    private const int WarmUpSeconds = 3;
    private const string Apart = """{ "max_batch_size": 0 }""";
    private static readonly string[] Counters = ["nv_inference_count", "nv_inference_exec_count"];

    /// <summary>Measures networks, each with its number of connections.</summary>
    public async Task RunAsync(ModelHost models, IReadOnlyList<(ServedNetwork Network, int Connections)> cases, CancellationToken cancellation)
    {
        var table = new Table().AddColumns("joining requests", "connections", "", "requests/s", "on against off", "p50 ms", "p99 ms", "requests a run");
        foreach (var (network, connections) in cases)
        {
            var apart = $"{network.Name}-apart";
            await models.PublishAsync(network, apart, Apart, cancellation);
            BinaryRequest[] requests = [BinaryRequest.Build(network, network.Name), BinaryRequest.Build(network, apart)];
            await using var server = await ServerProcess.StartOursAsync(models.StorageConnectionString, requests[0], cancellation);
            List<LoadFigures>[] loads = [[], []];
            var joined = new double[requests.Length];
            foreach (var request in requests)
            {
                await server.WaitAsync(request, cancellation);
                await LoadGenerator.RunAsync(server.Root, request, connections, WarmUpSeconds, cancellation);
            }

            for (var run = 0; run < runs; run++)
            {
                for (var i = 0; i < requests.Length; i++)
                {
                    var before = await server.CountersAsync(Counters, cancellation);
                    loads[i].Add(await LoadGenerator.RunAsync(server.Root, requests[i], connections, seconds, cancellation));
                    var after = await server.CountersAsync(Counters, cancellation);
                    joined[i] = (after[0] - before[0]) / (after[1] - before[1]);
                }
            }

            LoadFigures[] figures = [.. loads.Select(LoadFigures.Median)];
            for (var i = 0; i < figures.Length; i++)
            {
                table.AddRow(
                    network.Title,
                    connections.ToString(CultureInfo.InvariantCulture),
                    i == 0 ? "on" : "off",
                    figures[i].RequestsPerSecond.ToString("N0", CultureInfo.InvariantCulture),
                    i == 0 ? (figures[0].RequestsPerSecond / figures[1].RequestsPerSecond).ToString("N2", CultureInfo.InvariantCulture) : "",
                    figures[i].MedianMilliseconds.ToString("N3", CultureInfo.InvariantCulture),
                    figures[i].P99Milliseconds.ToString("N3", CultureInfo.InvariantCulture),
                    joined[i].ToString("N1", CultureInfo.InvariantCulture));
            }
        }

        console.Write(table);
    }
}
