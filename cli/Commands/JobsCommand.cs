using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Connections;
using Serverless.Cli.Output;
using Serverless.ControlPlane.Jobs;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless jobs</c>: a list of jobs.</summary>
internal static class JobsCommand
{
    private static readonly Option<int?> Limit = GlobalOptions.Number("--limit", "How many jobs to list (default 20).", 1, JobQueries.MaximumPage);

    private static readonly Option<string?> Continuation = new("--continuation") { Description = "Goes on where an earlier list ended: its continuation.", HelpName = "TEXT" };

    public static CliCommand Create()
    {
        var command = new CliCommand("jobs", "List jobs, newest first.", "serverless jobs", "serverless jobs --limit 100 --json | jq '.jobs[] | select(.state == \"failed\")'")
        {
            Limit,
            Continuation,
        };
        command.Does(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using var host = await context.ConnectAsync(HostNeed.ExistingData);
        var list = await host.Client.ListJobsAsync(context.Get(Limit) ?? 20, context.Get(Continuation), context.Cancellation);
        context.Terminal.Result(list, console =>
        {
            if (list.Jobs.Count == 0)
            {
                console.WriteLine("There are no jobs yet. 'serverless demo' runs one, 'serverless submit' one of yours.");
                return;
            }

            var table = Terminal.Table("job", "state", "round", "loss", "accuracy", "submitted", "");
            foreach (var job in list.Jobs)
            {
                table.AddRow(
                    job.Job,
                    Wording.State(job.State),
                    Wording.Rounds(job.Round, job.Rounds),
                    Wording.Loss(job.Loss),
                    Wording.Percent(job.Result?.Accuracy ?? job.Accuracy),
                    job.Submitted.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                    Markup.Escape(job.Failure ?? (job.Result?.Model is { } model ? $"model {model} version {job.Result.Version}" : "")));
            }

            console.Write(table);
            if (list.Continuation is not null)
            {
                console.WriteLine($"There are more: serverless jobs --continuation '{list.Continuation}'");
            }
        });
        return ExitCode.Ok;
    }
}
