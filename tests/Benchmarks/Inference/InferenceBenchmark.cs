using System.Globalization;
using Spectre.Console;

namespace Serverless.Benchmarks.Inference;

/// <summary>
/// Inference over HTTP against a Node server around the same ONNX Runtime, with Kestrel alone and the session alone as the two ceilings. All servers answer the same bytes,
/// each is a process of its own, and they are put under load in turns; medians are compared, because machines are noisy.
/// </summary>
/// <param name="runs">Loads of each server.</param>
/// <param name="seconds">Seconds of each load.</param>
/// <param name="console">Where the tables go.</param>
internal sealed class InferenceBenchmark(int runs, int seconds, IAnsiConsole console)
{
    private const int Starts = 7;
    private const int WarmUpSeconds = 3;
    private const int ManyConnections = 16;
    private static readonly int[] Connections = [1, ManyConnections, 64];
    private static readonly string[] Counters = ["dotnet_gc_allocated_bytes_total", "nv_inference_count", "nv_inference_exec_count"];

    /// <summary>Measures the networks and prints their tables, then the cold start.</summary>
    public async Task RunAsync(IReadOnlyList<ServedNetwork> networks, CancellationToken cancellation)
    {
        console.WriteLine(Machine.Describe());
        await using var models = await ModelHost.StartAsync(cancellation);
        foreach (var network in networks)
        {
            await models.PublishAsync(network, network.Name, serving: null, cancellation);
            PrintCompute(network);
            await MeasureAsync(models, network, cancellation);
        }

        await new BatchingBenchmark(runs, seconds, console).RunAsync(
            models, [.. networks.Select(network => (network, network == ServedNetwork.Wide ? Connections[^1] : ManyConnections))], cancellation);
        await PrintStartsAsync(models, networks[0], cancellation);
    }

    private void PrintCompute(ServedNetwork network)
    {
        var duration = TimeSpan.FromSeconds(seconds);
        var one = ComputeCeiling.Run(network, threads: 1, duration);
        var all = ComputeCeiling.Run(network, Environment.ProcessorCount, duration);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{network.Title}: the session alone makes {one.RunsPerSecond:N0} runs/s on one thread ({1e6 / one.RunsPerSecond:N1} µs each, {one.BytesPerRun:N0} bytes of managed memory), {all.RunsPerSecond:N0} on {Environment.ProcessorCount}"));
    }

    private async Task MeasureAsync(ModelHost models, ServedNetwork network, CancellationToken cancellation)
    {
        var request = BinaryRequest.Build(network, network.Name);
        await using var ours = await ServerProcess.StartOursAsync(models.StorageConnectionString, request, cancellation);
        await using var fastify = await ServerProcess.StartFastifyAsync(models.Write($"{network.Name}.onnx", network.Onnx), network.Name, request, cancellation);
        var (answer, jsonLength) = await ours.AskAsync(request, cancellation);
        await using var kestrel = await ServerProcess.StartKestrelAsync(models.Write($"{network.Name}.answer", answer), jsonLength, request, cancellation);
        (string Name, ServerProcess Server)[] sides = [("Serverless", ours), ("fastify, onnxruntime-node", fastify), ("Kestrel alone", kestrel)];
        foreach (var (_, server) in sides)
        {
            await LoadGenerator.RunAsync(server.Root, request, Connections[^1], WarmUpSeconds, cancellation);
        }

        var table = new Table().AddColumns(network.Title, "connections", "requests/s", "against fastify", "against Kestrel", "p50 ms", "p99 ms");
        foreach (var connections in Connections)
        {
            var figures = await LoadInTurnsAsync([.. sides.Select(side => side.Server)], request, connections, cancellation);
            for (var i = 0; i < sides.Length; i++)
            {
                table.AddRow(
                    sides[i].Name,
                    connections.ToString(CultureInfo.InvariantCulture),
                    figures[i].RequestsPerSecond.ToString("N0", CultureInfo.InvariantCulture),
                    Ratio(figures[i], figures[1]),
                    Ratio(figures[i], figures[2]),
                    figures[i].MedianMilliseconds.ToString("N3", CultureInfo.InvariantCulture),
                    figures[i].P99Milliseconds.ToString("N3", CultureInfo.InvariantCulture));
            }
        }

        console.Write(table);
        await PrintMemoryAsync(ours, request, cancellation);
    }

    private async Task PrintMemoryAsync(ServerProcess server, BinaryRequest request, CancellationToken cancellation)
    {
        var before = await server.CountersAsync(Counters, cancellation);
        await LoadGenerator.RunAsync(server.Root, request, ManyConnections, seconds, cancellation);
        var after = await server.CountersAsync(Counters, cancellation);
        var requests = after[1] - before[1];
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"at {ManyConnections} connections a request allocates {(after[0] - before[0]) / requests:N0} bytes of managed memory, all that the process does counted; a run of the model serves {requests / (after[2] - before[2]):N1} requests"));
    }

    private async Task<IReadOnlyList<LoadFigures>> LoadInTurnsAsync(ServerProcess[] servers, BinaryRequest request, int connections, CancellationToken cancellation)
    {
        var figures = servers.Select(_ => new List<LoadFigures>()).ToList();
        for (var run = 0; run < runs; run++)
        {
            for (var i = 0; i < servers.Length; i++)
            {
                var load = await LoadGenerator.RunAsync(servers[i].Root, request, connections, seconds, cancellation);
                figures[i].Add(load.Refused == 0 ? load : throw new InvalidOperationException($"{servers[i].Root} refused {load.Refused} requests"));
            }
        }

        return [.. figures.Select(LoadFigures.Median)];
    }

    private async Task PrintStartsAsync(ModelHost models, ServedNetwork network, CancellationToken cancellation)
    {
        var request = BinaryRequest.Build(network, network.Name);
        var file = models.Write($"{network.Name}.onnx", network.Onnx);
        List<double> ours = [], fastify = [];
        for (var start = 0; start < Starts; start++)
        {
            await using (var server = await ServerProcess.StartOursAsync(models.StorageConnectionString, request, cancellation))
            {
                ours.Add(server.FirstAnswer.TotalMilliseconds);
            }

            await using (var server = await ServerProcess.StartFastifyAsync(file, network.Name, request, cancellation))
            {
                fastify.Add(server.FirstAnswer.TotalMilliseconds);
            }
        }

        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{network.Title}, from the start of the process to the first right answer: {Describe(ours)}; fastify with the model in a local file: {Describe(fastify)}"));
    }

    private static string Describe(List<double> milliseconds)
    {
        milliseconds.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"median {milliseconds[milliseconds.Count / 2]:N0} ms ({milliseconds[0]:N0} to {milliseconds[^1]:N0})");
    }

    private static string Ratio(LoadFigures side, LoadFigures peer) => (side.RequestsPerSecond / peer.RequestsPerSecond).ToString("N2", CultureInfo.InvariantCulture);
}
