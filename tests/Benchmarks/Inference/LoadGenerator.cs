using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Serverless.Benchmarks.Inference;

/// <summary>wrk, one thread: keeps a number of connections busy with the same request.</summary>
internal static class LoadGenerator
{
    /// <summary>Puts a server under load.</summary>
    /// <param name="server">The server's root.</param>
    /// <param name="request">What to send.</param>
    /// <param name="connections">How many requests are under way at any time.</param>
    /// <param name="seconds">For how long.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidOperationException">wrk is missing or failed, or connections broke.</exception>
    public static async Task<LoadFigures> RunAsync(Uri server, BinaryRequest request, int connections, int seconds, CancellationToken cancellation)
    {
        var body = Path.GetTempFileName();
        await File.WriteAllBytesAsync(body, request.Body, cancellation);
        try
        {
            var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true, RedirectStandardError = true };
            string[] arguments =
            [
                "--threads", "1", "--connections", Text(connections), "--duration", $"{Text(seconds)}s", "--timeout", "10s",
                "--script", Path.Combine(AppContext.BaseDirectory, "Inference", "post.lua"),
                new Uri(server, request.Path).ToString(), "--", body, Text(request.JsonLength),
            ];
            Array.ForEach(arguments, start.ArgumentList.Add);
            return Parse(await RunAsync(start, cancellation));
        }
        finally
        {
            File.Delete(body);
        }
    }

    private static async Task<string> RunAsync(ProcessStartInfo start, CancellationToken cancellation)
    {
        using var process = Process.Start(start) ?? throw new InvalidOperationException("wrk could not be started");
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"wrk ended with exit code {process.ExitCode}: {await errors}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static LoadFigures Parse(string output)
    {
        using var json = JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        var figures = json.RootElement;
        var failed = figures.GetProperty("failed").GetInt64();
        if (failed > 0)
        {
            throw new InvalidOperationException($"{failed} requests broke or had no answer");
        }

        var refused = figures.GetProperty("refused").GetInt64();
        return new LoadFigures(
            (figures.GetProperty("requests").GetInt64() - refused) / (figures.GetProperty("microseconds").GetInt64() / 1e6),
            figures.GetProperty("p50").GetInt64() / 1e3,
            figures.GetProperty("p99").GetInt64() / 1e3,
            refused);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
