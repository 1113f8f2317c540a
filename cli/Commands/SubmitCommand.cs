using System.CommandLine;
using Serverless.Cli.Connections;
using Serverless.Cli.Watching;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless submit</c>: submits a training job.</summary>
internal static class SubmitCommand
{
    private static readonly Argument<string> Spec = new("FILE") { Description = "The job as JSON; - reads standard input." };

    private static readonly Option<bool> Watch = new("--watch") { Description = "Stay and show how the job goes until it ends." };

    public static CliCommand Create()
    {
        var command = new CliCommand(
            "submit",
            "Submit a training job.",
            "serverless submit job.json --watch              # where no host runs, one is started for the time of the job",
            "serverless submit job.json --watch --json | tail -n 1 | jq .testAccuracy",
            "jq '.seed = 7' job.json | serverless submit -")
        {
            Spec,
            Watch,
        };
        command.Does(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var spec = await ReadAsync(context.Get(Spec), context.Cancellation);
        var watch = context.Get(Watch);
        await using var host = await context.ConnectAsync(watch ? HostNeed.Trainers : HostNeed.Functions);
        var submitted = await host.Client.SubmitAsync(spec, context.Cancellation);
        if (watch)
        {
            context.Terminal.Note($"Submitted job {submitted.Job}.");
            var report = await new JobWatcher(host.Client, context.Terminal, TimeProvider.System).WatchAsync(submitted.Job, context.Cancellation);
            return report.Tell(context.Terminal);
        }

        context.Terminal.Result(submitted, console =>
        {
            console.WriteLine($"Submitted job {submitted.Job}.");
            console.WriteLine(host.IsOwn ? "It runs as soon as a host does: serverless up." : $"Watch it: serverless watch {submitted.Job}");
        });
        return ExitCode.Ok;
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
    {
        if (path != "-")
        {
            return File.Exists(path)
                ? await File.ReadAllBytesAsync(path, cancellation)
                : throw new UsageException($"The job file '{path}' {(Directory.Exists(path) ? "is a folder; a file is needed" : "does not exist")}.");
        }

        using var buffer = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(buffer, cancellation);
        return buffer.ToArray();
    }
}
