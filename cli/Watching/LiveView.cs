using System.Globalization;
using Serverless.Cli.Output;
using Serverless.ControlPlane.Jobs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Serverless.Cli.Watching;

/// <summary>Draws progress in place on a terminal.</summary>
internal static class LiveView
{
    private const int BarWidth = 40;

    /// <summary>Runs something that reports progress and redraws at each report.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="progress">What to draw.</param>
    /// <param name="follow">Gets the action that redraws.</param>
    public static Task RunAsync(IAnsiConsole console, JobProgress progress, Func<Action, Task> follow) =>
        console.Live(new Text("Waiting for the job…")).StartAsync(context => follow(() => context.UpdateTarget(Draw(progress))));

    private static Rows Draw(JobProgress progress)
    {
        var job = progress.Details!;
        var parts = new List<IRenderable>
        {
            new Markup($"[bold]{Markup.Escape(job.Name ?? job.Job)}[/]  [dim]{Markup.Escape(job.Job)}[/]  {Wording.State(job.State)}"),
            new Markup(Bar(job)),
            new Markup(string.Create(
                CultureInfo.InvariantCulture,
                $"loss [bold]{Wording.Loss(job.Loss)}[/]   test accuracy [bold]{Wording.Percent(job.Accuracy)}[/]   [bold]{Wording.Speed(job.ImagesPerSecond ?? progress.ImagesPerSecond)}[/]   time left {Wording.Time(job.Eta)}")),
        };
        var trainers = progress.TrainerLines();
        if (trainers.Count > 0)
        {
            var table = Terminal.Table("trainer", "shards", "round", "speed");
            foreach (var trainer in trainers)
            {
                table.AddRow(
                    Markup.Escape(trainer.Trainer),
                    string.Join(", ", trainer.Shards),
                    trainer.Round.ToString(CultureInfo.InvariantCulture),
                    trainer.IsAlive ? Wording.Speed(trainer.ImagesPerSecond) : "[red]silent[/]");
            }

            parts.Add(table);
        }

        if (job.Failure is not null)
        {
            parts.Add(new Markup($"[red]{Markup.Escape(job.Failure)}[/]"));
        }

        return new Rows(parts);
    }

    private static string Bar(JobDetails job)
    {
        var done = (int)Math.Round(BarWidth * Math.Clamp(job.Progress, 0, 1));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"[green]{new string('━', done)}[/][grey]{new string('━', BarWidth - done)}[/] {100 * job.Progress,3:0} %   round {Wording.Rounds(job.Round, job.Rounds)}");
    }
}
