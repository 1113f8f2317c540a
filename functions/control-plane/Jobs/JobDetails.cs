using Serverless.Core.Jobs;

namespace Serverless.ControlPlane.Jobs;

/// <summary>Everything there is to know about how a job is going.</summary>
public sealed record JobDetails
{
    /// <summary>The job's id.</summary>
    public required string Job { get; init; }

    /// <summary>What its user calls it.</summary>
    public string? Name { get; init; }

    /// <summary>The dataset it trains on.</summary>
    public string? Dataset { get; init; }

    /// <summary>Slices of the data.</summary>
    public int? Shards { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required JobState State { get; init; }

    /// <summary>Share of the rounds done, 0 to 1.</summary>
    public required double Progress { get; init; }

    /// <summary>Rounds done.</summary>
    public required int Round { get; init; }

    /// <summary>Rounds there are to do; 0 before the job is planned.</summary>
    public required int Rounds { get; init; }

    /// <summary>Mean training loss of the last round.</summary>
    public double? Loss { get; init; }

    /// <summary>Share of the test rows classified right at the last evaluation, 0 to 1.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean loss on the test rows at the last evaluation.</summary>
    public double? TestLoss { get; init; }

    /// <summary>Training samples a second, lately.</summary>
    public double? ImagesPerSecond { get; init; }

    /// <summary>How long the rest of the training will take at the present speed.</summary>
    public TimeSpan? Eta { get; init; }

    /// <summary>Why the job failed.</summary>
    public string? Failure { get; init; }

    /// <summary>When it was submitted.</summary>
    public required DateTimeOffset Submitted { get; init; }

    /// <summary>When it was planned and its shards offered to trainers.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>When anything of this changed last.</summary>
    public required DateTimeOffset Updated { get; init; }

    /// <summary>Who works on it right now.</summary>
    public required IReadOnlyList<TrainerActivity> Trainers { get; init; }

    /// <summary>What happened, oldest first.</summary>
    public required IReadOnlyList<TimelineEntry> Timeline { get; init; }

    /// <summary>What it ended with.</summary>
    public JobResult? Result { get; init; }

    /// <summary>Puts the details together.</summary>
    /// <param name="status">The job's status.</param>
    /// <param name="spec">Its spec; null for one that was refused before it had any.</param>
    /// <param name="trainers">Who works on it.</param>
    public static JobDetails Of(JobStatus status, JobSpec? spec, IReadOnlyList<TrainerActivity> trainers)
    {
        ArgumentNullException.ThrowIfNull(status);
        return new JobDetails
        {
            Job = status.Job,
            Name = spec?.Name,
            Dataset = spec?.Dataset,
            Shards = spec?.Shards,
            State = status.State,
            Progress = status.Rounds == 0 ? 0 : (double)status.Round / status.Rounds,
            Round = status.Round,
            Rounds = status.Rounds,
            Loss = status.Loss,
            Accuracy = status.Accuracy,
            TestLoss = status.TestLoss,
            ImagesPerSecond = status.ImagesPerSecond,
            Eta = status.Eta,
            Failure = status.Failure,
            Submitted = status.Submitted,
            Started = status.Started,
            Ended = status.Ended,
            Updated = status.Updated,
            Trainers = trainers,
            Timeline = status.Timeline,
            Result = status.Result,
        };
    }
}
