using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Connections;
using Serverless.Cli.Output;
using Serverless.ControlPlane.Jobs;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless job</c>: everything about one job.</summary>
internal static class JobCommand
{
    private static readonly Argument<string> Job = new("JOB") { Description = "The job's id, as 'submit' and 'jobs' tell it." };

    public static CliCommand Create()
    {
        var command = new CliCommand("job", "Tell everything about a job.", "serverless job 20261120-183000-x7k2m9q4", "serverless job 20261120-183000-x7k2m9q4 --json | jq -r .result.parametersSha256")
        {
            Job,
        };
        command.Does(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using var host = await context.ConnectAsync(HostNeed.ExistingData);
        var job = await host.Client.GetJobAsync(context.Get(Job), context.Cancellation);
        context.Terminal.Result(job, console => Show(console, job));
        return ExitCode.Ok;
    }

    private static void Show(IAnsiConsole console, JobDetails job)
    {
        var facts = new Grid().AddColumn(new GridColumn().PadRight(3)).AddColumn();
        void Fact(string name, string? value)
        {
            if (value is not null)
            {
                facts.AddRow($"[dim]{name}[/]", Markup.Escape(value));
            }
        }

        Fact("job", job.Name is null ? job.Job : $"{job.Job}  {job.Name}");
        Fact("state", Wording.State(job.State));
        Fact("failure", job.Failure);
        Fact("dataset", job.Dataset);
        Fact("rounds", Wording.Rounds(job.Round, job.Rounds));
        Fact("loss", Wording.Loss(job.Loss));
        Fact("test accuracy", Wording.Percent(job.Result?.Accuracy ?? job.Accuracy));
        Fact("speed", job.ImagesPerSecond is null ? null : Wording.Speed(job.ImagesPerSecond));
        Fact("time left", job.Eta is null ? null : Wording.Time(job.Eta));
        Fact("model", job.Result?.Model is { } model ? $"{model} version {job.Result.Version}" : null);
        Fact("parameters", job.Result?.ParametersSha256);
        console.Write(facts);
        foreach (var trainer in job.Trainers)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"trainer {trainer.Trainer}: shards {string.Join(", ", trainer.Shards)}, round {trainer.Round}{(trainer.Alive ? "" : " (has not been heard of)")}"));
        }

        foreach (var entry in job.Timeline)
        {
            console.WriteLine($"{entry.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  {entry.Event}");
        }
    }
}
