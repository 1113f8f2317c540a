using System.Text.Json;

namespace Serverless.Core.Jobs;

/// <summary>How far a job is. The one mutable blob of a job besides the owners of its shards.</summary>
public sealed record JobStatus
{
    /// <summary>Most entries of <see cref="Timeline"/>; when there are more, those in the middle go.</summary>
    public const int MaximumTimeline = 64;

    private const int TimelineHead = 16;

    /// <summary>The job.</summary>
    public required string Job { get; init; }

    /// <summary>Where it is in its life.</summary>
    public JobState State { get; init; } = JobState.Submitted;

    /// <summary>Rounds done: the newest checkpoint.</summary>
    public int Round { get; init; }

    /// <summary>Rounds there are to do; 0 before the job is planned.</summary>
    public int Rounds { get; init; }

    /// <summary>Mean training loss of the last round seen.</summary>
    public double? Loss { get; init; }

    /// <summary>Share of the test rows classified right at the last evaluation, 0 to 1.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean loss on the test rows at the last evaluation.</summary>
    public double? TestLoss { get; init; }

    /// <summary>Why the job failed, in words for its user.</summary>
    public string? Failure { get; init; }

    /// <summary>When the job was submitted.</summary>
    public required DateTimeOffset Submitted { get; init; }

    /// <summary>When it was planned and its shards offered to trainers.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>When this status was written.</summary>
    public required DateTimeOffset Updated { get; init; }

    /// <summary>What happened, oldest first; at most <see cref="MaximumTimeline"/> entries.</summary>
    public IReadOnlyList<TimelineEntry> Timeline { get; init; } = [];

    /// <summary>What it ended with.</summary>
    public JobResult? Result { get; init; }

    /// <summary>Training samples a second, over the last seconds.</summary>
    public double? ImagesPerSecond { get; init; }

    /// <summary>How long the rest of the training will take at the present speed.</summary>
    public TimeSpan? Eta { get; init; }

    /// <summary>Whether the job has ended, however.</summary>
    public bool IsEnded => State is JobState.Succeeded or JobState.Failed or JobState.Cancelled;

    /// <summary>Whether a job may go from one state to another. Ended ones go nowhere; the others only onwards.</summary>
    public static bool IsStep(JobState from, JobState to) => from switch
    {
        JobState.Submitted => to is JobState.Running or JobState.Failed or JobState.Cancelled,
        JobState.Running => to is JobState.Publishing or JobState.Succeeded or JobState.Failed or JobState.Cancelled,
        JobState.Publishing => to is JobState.Succeeded or JobState.Failed or JobState.Cancelled,
        _ => false,
    };

    /// <summary>Adds to the timeline.</summary>
    public JobStatus With(DateTimeOffset at, string happened)
    {
        IEnumerable<TimelineEntry> entries = Timeline;
        if (Timeline.Count >= MaximumTimeline)
        {
            entries = Timeline.Take(TimelineHead).Concat(Timeline.Skip(Timeline.Count - (MaximumTimeline - TimelineHead) + 1));
        }

        return this with { Timeline = [.. entries, new TimelineEntry(at, happened)] };
    }

    /// <summary>Reads a status.</summary>
    /// <exception cref="InvalidDataException">It is not one.</exception>
    public static JobStatus Parse(ReadOnlySpan<byte> json) => JobsJson.Parse(json, JobsJson.Default.JobStatus, "status");

    /// <summary>The status as it is stored and shown.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, JobsJson.Default.JobStatus);
}
