using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Serverless.Cli.Connections;
using Serverless.Cli.Hosting;
using Serverless.Cli.Output;
using Serverless.Core.Storage;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless up</c>: the whole system on this machine until Ctrl+C.</summary>
internal static class UpCommand
{
    private const int MaxTrainers = 256;

    private static readonly Option<int?> Port = GlobalOptions.Number("--port", $"Port of the HTTP functions (default {LocalHostOptions.DefaultPort}; 0 = any free one).", 0, 65535);

    private static readonly Option<int?> BlobPort = GlobalOptions.Number("--blob-port", $"Port of Azurite's blob service (default {LocalHostOptions.DefaultBlobPort}; 0 = any free one).", 0, 65535);

    private static readonly Option<int?> QueuePort = GlobalOptions.Number("--queue-port", $"Port of Azurite's queue service (default {LocalHostOptions.DefaultQueuePort}; 0 = any free one).", 0, 65535);

    private static readonly Option<int?> Trainers = GlobalOptions.Number("--trainers", "How many trainers may run at once (default: one for each core; 0 = none).", 0, MaxTrainers);

    private static readonly Option<bool> NoAzurite = new("--no-azurite")
    {
        Description = $"Use the storage account whose connection string is in ${StorageNames.Connection}, instead of running Azurite.",
    };

    public static CliCommand Create()
    {
        var command = new CliCommand(
            "up",
            "Run the whole system on this machine: storage, functions and, while jobs need them, trainers. Ctrl+C stops everything.",
            "serverless up                                  # http://localhost:7071, as many trainers as cores",
            "serverless up --port 8080 --trainers 4",
            "serverless up --port 0 --blob-port 0 --queue-port 0 --folder /tmp/second   # a second one beside it")
        {
            Port,
            BlobPort,
            QueuePort,
            Trainers,
            NoAzurite,
        };
        command.Does(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var clock = Stopwatch.StartNew();
        var trainers = context.Get(Trainers) ?? LocalHosts.DefaultTrainers;
        var options = LocalHosts.Options(context.Get(GlobalOptions.Folder)!, trainers) with
        {
            Port = context.Get(Port) ?? LocalHostOptions.DefaultPort,
            BlobPort = context.Get(BlobPort) ?? LocalHostOptions.DefaultBlobPort,
            QueuePort = context.Get(QueuePort) ?? LocalHostOptions.DefaultQueuePort,
            StorageConnectionString = context.Get(NoAzurite) ? ConnectionString() : null,
            ConfigureLogging = TerminalLogs.ToStandardError,
        };
        await using (var host = await LocalHost.StartAsync(options, context.Cancellation))
        {
            var ready = new
            {
                ready = true,
                url = host.Url,
                jobs = new Uri(host.Url, "api/jobs"),
                models = new Uri(host.Url, "v2"),
                storage = host.PublicStorage,
                folder = host.Folder,
                processId = Environment.ProcessId,
                maxTrainers = trainers,
                seconds = Math.Round(clock.Elapsed.TotalSeconds, 2),
            };
            context.Terminal.Result(ready, console =>
            {
                console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready after {ready.seconds:0.0} s: {ready.url} with {LocalHosts.Describe(trainers)}"));
                console.WriteLine($"  jobs     {ready.jobs}");
                console.WriteLine($"  models   {ready.models}");
                console.WriteLine($"  data     {ready.folder} (logs in {Path.Combine(ready.folder, "logs")})");
                console.WriteLine("Submit a job from another terminal: serverless submit job.json --watch. Ctrl+C stops everything.");
            });
            await Task.Delay(Timeout.Infinite, context.Cancellation).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            context.Terminal.Note("Stopping…");
        }

        return ExitCode.Ok;
    }

    private static string ConnectionString() => Environment.GetEnvironmentVariable(StorageNames.Connection) is { Length: > 0 } connection
        ? connection
        : throw new UsageException($"With --no-azurite the environment has to say which storage to use: set {StorageNames.Connection} to its connection string.");
}
