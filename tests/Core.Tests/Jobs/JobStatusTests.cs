using Serverless.Core.Jobs;

namespace Serverless.Core.Tests.Jobs;

public sealed class JobStatusTests
{
    private static readonly JobStatus Status = new() { Job = "job", Submitted = DateTimeOffset.UnixEpoch, Updated = DateTimeOffset.UnixEpoch };

    [Fact]
    public void IsStep_FromAnEndedState_LeadsNowhere()
    {
        JobState[] ended = [JobState.Succeeded, JobState.Failed, JobState.Cancelled];

        Assert.All(ended, from => Assert.DoesNotContain(Enum.GetValues<JobState>(), to => JobStatus.IsStep(from, to)));
    }

    [Fact]
    public void IsStep_BetweenLivingStates_LeadsOnlyOnwards()
    {
        JobState[] living = [JobState.Submitted, JobState.Running, JobState.Publishing];

        var steps = from before in living from after in living where JobStatus.IsStep(before, after) select (before, after);

        Assert.Equal([(JobState.Submitted, JobState.Running), (JobState.Running, JobState.Publishing)], steps);
        Assert.All(living, from => Assert.True(JobStatus.IsStep(from, JobState.Failed) && JobStatus.IsStep(from, JobState.Cancelled)));
    }

    [Fact]
    public void With_MoreEventsThanATimelineHolds_KeepsTheFirstAndTheLast()
    {
        var status = Enumerable.Range(0, 1000).Aggregate(Status, (status, i) => status.With(DateTimeOffset.UnixEpoch.AddSeconds(i), $"event {i}"));

        Assert.Equal(JobStatus.MaximumTimeline, status.Timeline.Count);
        Assert.Equal("event 0", status.Timeline[0].Event);
        Assert.Equal("event 999", status.Timeline[^1].Event);
        Assert.Equal(status.Timeline.OrderBy(entry => entry.At), status.Timeline);
    }

    [Fact]
    public void ToJson_Anything_ReadsBackAndSpeaksCamelCase()
    {
        var status = Status.With(DateTimeOffset.UnixEpoch, "submitted") with
        {
            State = JobState.Succeeded, Rounds = 5, Loss = 0.25, Result = new JobResult("abc", "model", "3", 0.9), Eta = TimeSpan.FromSeconds(3),
        };

        var json = status.ToJson();

        Assert.Equal(json, JobStatus.Parse(json).ToJson());
        Assert.Contains("\"state\":\"succeeded\"", System.Text.Encoding.UTF8.GetString(json), StringComparison.Ordinal);
        Assert.Contains("\"parametersSha256\":\"abc\"", System.Text.Encoding.UTF8.GetString(json), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"job\":")]
    [InlineData("{\"job\":\"a\",\"state\":\"dancing\",\"submitted\":\"2026-11-20T00:00:00Z\",\"updated\":\"2026-11-20T00:00:00Z\"}")]
    public void Parse_SomethingElse_SaysSo(string json) => Assert.Throws<InvalidDataException>(() => JobStatus.Parse(System.Text.Encoding.UTF8.GetBytes(json)));
}
