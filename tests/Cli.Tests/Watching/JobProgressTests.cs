using Serverless.Cli.Watching;
using Serverless.ControlPlane.Jobs;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;

namespace Serverless.Cli.Tests.Watching;

public sealed class JobProgressTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Update_LinesReadTwice_CountOnce()
    {
        var progress = new JobProgress();
        MetricsLine[] lines = [Line(0, 0, "a", 1), Line(0, 1, "b", 1), Line(1, 0, "a", 2), Line(1, 1, "b", 2)];

        progress.Update(Details(JobState.Running), lines);
        progress.Update(Details(JobState.Running), lines);

        // 4 lines of 100 samples, the last 2 seconds after the start.
        Assert.Equal(200, progress.ImagesPerSecond);
        Assert.Equal(2, progress.Trainers);
    }

    [Fact]
    public void Update_LateLineOfAnEarlierRound_IsStillRead()
    {
        var progress = new JobProgress();
        progress.Update(Details(JobState.Running), [Line(6, 0, "a", 1), Line(7, 0, "a", 2)]);

        Assert.True(progress.ReadAfter < 6);
        progress.Update(Details(JobState.Running), [Line(6, 1, "b", 1)]);

        Assert.Equal(150, progress.ImagesPerSecond);
    }

    [Fact]
    public void Update_EvaluationLines_AreNoTraining()
    {
        var progress = new JobProgress();
        progress.Update(Details(JobState.Running), [Line(0, 0, "a", 1), Line(0, 0, "a", 9) with { Shard = null, Accuracy = 0.5 }]);

        Assert.Equal(100, progress.ImagesPerSecond);
    }

    [Fact]
    public void TrainerLines_Running_HaveShardsAndSpeedOfEach()
    {
        var progress = new JobProgress();
        progress.Update(
            Details(JobState.Running) with { Trainers = [new TrainerActivity("b", [1, 3], 9, true), new TrainerActivity("a", [0], 8, false)] },
            [Line(0, 0, "a", 1), Line(0, 1, "b", 1), Line(1, 0, "a", 3), Line(1, 1, "b", 2)]);

        Assert.Collection(
            progress.TrainerLines(),
            a => Assert.Equal(("a", 8, 50.0, false), (a.Trainer, a.Round, a.ImagesPerSecond, a.IsAlive)),
            b => Assert.Equal(("b", 9, 100.0, true), (b.Trainer, b.Round, b.ImagesPerSecond, b.IsAlive)));
    }

    [Fact]
    public void Report_Succeeded_HasTheResult()
    {
        var progress = new JobProgress();
        progress.Update(
            Details(JobState.Succeeded) with { Ended = Start.AddSeconds(20), Accuracy = 0.5, Result = new JobResult("abc", "model", "3", 0.75, 0.9) },
            [Line(0, 0, "a", 1)]);

        var report = progress.Report();

        Assert.Equal((0.75, 0.9, "abc", "model", "3"), (report.TestAccuracy, report.TestLoss, report.ParametersSha256, report.Model, report.Version));
        Assert.Equal(25, report.Seconds);
        Assert.Null(report.Failure);
    }

    private static JobDetails Details(JobState state) => new()
    {
        Job = "job",
        State = state,
        Progress = 0.5,
        Round = 1,
        Rounds = 2,
        Submitted = Start.AddSeconds(-5),
        Started = Start,
        Updated = Start.AddSeconds(10),
        Trainers = [],
        Timeline = [],
    };

    private static MetricsLine Line(int round, int shard, string trainer, double second) => new()
    {
        Round = round,
        Shard = shard,
        Samples = 100,
        Loss = 1,
        Trainer = trainer,
        At = Start.AddSeconds(second),
    };
}
