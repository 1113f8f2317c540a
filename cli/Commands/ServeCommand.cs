using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Serverless.Cli.Connections;
using Serverless.Cli.Hosting;
using Serverless.Cli.Output;
using Serverless.Core.Storage;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless serve</c>: the inference functions alone, in a process of their own.</summary>
internal static class ServeCommand
{
    private const int DefaultPort = 8000;

    private static readonly Option<int?> Port = GlobalOptions.Number("--port", $"Where to listen (default {DefaultPort}; 0 = any free port).", 0, 65535);

    public static CliCommand Create()
    {
        var command = new CliCommand(
            "serve",
            $"Serve published models over the Open Inference Protocol, and nothing else: those in the storage account of ${StorageNames.Connection}, or of the host that runs on --folder. Ctrl+C stops it.",
            $"serverless serve                               # http://localhost:{DefaultPort}",
            "serverless serve --port 8001                   # a second one beside it")
        {
            Port,
        };
        command.Does(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var clock = Stopwatch.StartNew();
        await using (var server = await InferenceServer.StartAsync(
            LocalHosts.Inference(), context.Get(Port) ?? DefaultPort, Storage(context.Get(GlobalOptions.Folder)!), TerminalLogs.ToStandardError, context.Cancellation))
        {
            var ready = new { ready = true, url = server.Url, models = new Uri(server.Url, "v2"), processId = Environment.ProcessId, seconds = Math.Round(clock.Elapsed.TotalSeconds, 2) };
            context.Terminal.Result(ready, console => console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"ready after {ready.seconds:0.00} s: {ready.models}. Ctrl+C stops it.")));
            await Task.Delay(Timeout.Infinite, context.Cancellation).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return ExitCode.Ok;
    }

    private static string Storage(string folder) =>
        Environment.GetEnvironmentVariable(StorageNames.Connection) is { Length: > 0 } connection ? connection
        : DataFolder.FindRunning(folder)?.Storage ?? throw new UsageException(
            $"No host runs on {Path.GetFullPath(folder)}, so the environment has to say where the models are: set {StorageNames.Connection} to the storage account's connection string.");
}
