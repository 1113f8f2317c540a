using System.CommandLine;
using Serverless.Cli.Connections;
using Serverless.Cli.Watching;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless watch</c>: shows how a job goes until it ends.</summary>
internal static class WatchCommand
{
    private static readonly Argument<string> Job = new("JOB") { Description = "The job's id, as 'submit' and 'jobs' tell it." };

    public static CliCommand Create()
    {
        var command = new CliCommand(
            "watch",
            "Show how a job goes until it ends: rounds, speed, loss, accuracy, time left, and a line for each trainer.",
            "serverless watch 20261120-183000-x7k2m9q4",
            "serverless watch 20261120-183000-x7k2m9q4 --json | tail -n 1 | jq .state")
        {
            Job,
        };
        command.Does(async context =>
        {
            await using var host = await context.ConnectAsync(HostNeed.Trainers);
            var report = await new JobWatcher(host.Client, context.Terminal, TimeProvider.System).WatchAsync(context.Get(Job), context.Cancellation);
            return report.Tell(context.Terminal);
        });
        return command;
    }
}
