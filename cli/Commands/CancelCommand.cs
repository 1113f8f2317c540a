using System.CommandLine;
using Serverless.Cli.Connections;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless cancel</c>: ends a job.</summary>
internal static class CancelCommand
{
    private static readonly Argument<string> Job = new("JOB") { Description = "The job's id, as 'submit' and 'jobs' tell it." };

    public static CliCommand Create()
    {
        var command = new CliCommand("cancel", "Cancel a job. Its trainers stop within the round; its checkpoints stay.", "serverless cancel 20261120-183000-x7k2m9q4")
        {
            Job,
        };
        command.Does(async context =>
        {
            await using var host = await context.ConnectAsync(HostNeed.ExistingData);
            var job = await host.Client.CancelJobAsync(context.Get(Job), context.Cancellation);
            context.Terminal.Result(job, console => console.WriteLine($"Cancelled {job.Job} in round {job.Round}."));
            return ExitCode.Ok;
        });
        return command;
    }
}
