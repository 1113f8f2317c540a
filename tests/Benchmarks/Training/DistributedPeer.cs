using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Serverless.Benchmarks.Training;

/// <summary>PyTorch's DistributedDataParallel, run as its users run it: one Python process a rank, gloo on the loopback interface.</summary>
internal static class DistributedPeer
{
    private static readonly string[] Interpreters = ["/usr/bin/python3", "python3"];

    /// <summary>Trains to the end.</summary>
    /// <exception cref="InvalidOperationException">There is no Python with PyTorch, or it failed.</exception>
    public static async Task<Throughput> RunAsync(Workload workload, string data, int processes, int seed, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Interpreters.First(python => !Path.IsPathRooted(python) || File.Exists(python)))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["OMP_NUM_THREADS"] = "1", ["OPENBLAS_NUM_THREADS"] = "1", ["MKL_NUM_THREADS"] = "1" },
        };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Training", "ddp_peer.py"),
            "--data", data,
            "--network", workload.Network,
            "--processes", Text(processes),
            "--batch", Text(workload.Batch),
            "--epochs", Text(workload.Epochs),
            "--warm", Text(Workload.WarmSteps),
            "--learning-rate", Text(workload.LearningRate),
            "--momentum", Text(Workload.Momentum),
            "--seed", Text(seed),
            "--port", Text(FreePort()),
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} could not be started");
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"the peer ended with exit code {process.ExitCode}; is python3-torch installed?\n{await errors}");
            }

            using var json = JsonDocument.Parse(output);
            return new Throughput(
                json.RootElement.GetProperty("imagesPerSecond").GetDouble(),
                json.RootElement.GetProperty("testAccuracy").GetDouble(),
                double.NaN,
                double.NaN,
                double.NaN,
                $"PyTorch {json.RootElement.GetProperty("version").GetString()}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
