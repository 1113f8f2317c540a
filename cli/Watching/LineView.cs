using System.Globalization;
using Serverless.Cli.Output;
using Serverless.ControlPlane.Jobs;

namespace Serverless.Cli.Watching;

/// <summary>Shows progress as plain lines, for logs: one when something changed, and no more than one in two seconds unless the state changed.</summary>
internal sealed class LineView(Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private JobDetails? _shown;
    private DateTimeOffset _shownAt;

    /// <summary>Writes a line if there is something new to tell.</summary>
    public void Show(JobProgress progress)
    {
        var job = progress.Details!;
        var now = time.GetUtcNow();
        var isNewState = _shown?.State != job.State;
        if (!isNewState && (now - _shownAt < Pause || _shown?.Round == job.Round))
        {
            return;
        }

        _shown = job;
        _shownAt = now;
        var trainers = job.Trainers.Count(trainer => trainer.Alive);
        terminal.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{time.GetLocalNow():HH:mm:ss} {Wording.State(job.State),-10} round {Wording.Rounds(job.Round, job.Rounds)}  loss {Wording.Loss(job.Loss)}  test accuracy {Wording.Percent(job.Accuracy)}  {Wording.Speed(job.ImagesPerSecond ?? progress.ImagesPerSecond)}  time left {Wording.Time(job.Eta)}  trainers {trainers}"));
    }
}
