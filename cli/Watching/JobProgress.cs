using Serverless.ControlPlane.Jobs;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;

namespace Serverless.Cli.Watching;

/// <summary>What is known of a running job, put together of its details and the metrics read so far.</summary>
internal sealed class JobProgress
{
    // Long enough to smooth a round's jitter, short enough to show a trainer that joined.
    private static readonly TimeSpan SpeedWindow = TimeSpan.FromSeconds(10);

    // Lines of a round may still come after those of the next, so some rounds are read again.
    private const int RoundsReadAgain = 2;

    private readonly HashSet<(int Round, int Shard)> _seen = [];
    private readonly HashSet<string> _trainers = [];
    private readonly Queue<MetricsLine> _recent = new();
    private int _newestRound = -1;
    private long _samples;
    private DateTimeOffset? _lastWritten;

    /// <summary>The job's latest details.</summary>
    public JobDetails? Details { get; private set; }

    /// <summary>The round after which metrics are to be read next.</summary>
    public int ReadAfter => Math.Max(-1, _newestRound - RoundsReadAgain);

    /// <summary>How many trainers have worked on the job.</summary>
    public int Trainers => _trainers.Count;

    /// <summary>Training samples a second, from the start of the job to its last contribution.</summary>
    public double? ImagesPerSecond => Details?.Started is { } started && _lastWritten is { } last && last > started ? _samples / (last - started).TotalSeconds : null;

    /// <summary>Takes in what was read.</summary>
    public void Update(JobDetails details, IReadOnlyList<MetricsLine> lines)
    {
        Details = details;
        foreach (var line in lines)
        {
            if (line.Shard is not { } shard || !_seen.Add((line.Round, shard)))
            {
                continue;
            }

            _newestRound = Math.Max(_newestRound, line.Round);
            _samples += line.Samples;
            _lastWritten = _lastWritten > line.At ? _lastWritten : line.At;
            _recent.Enqueue(line);
            if (line.Trainer is { } trainer)
            {
                _trainers.Add(trainer);
            }
        }

        _seen.RemoveWhere(key => key.Round <= ReadAfter);
        while (_recent.TryPeek(out var oldest) && _lastWritten - oldest.At > SpeedWindow)
        {
            _recent.Dequeue();
        }
    }

    /// <summary>A line for each trainer that works on the job now.</summary>
    public IReadOnlyList<TrainerLine> TrainerLines()
    {
        var speeds = _recent.Where(line => line.Trainer is not null).GroupBy(line => line.Trainer!)
            .ToDictionary(group => group.Key, SpeedOf);
        return [.. (Details?.Trainers ?? []).OrderBy(trainer => trainer.Trainer, StringComparer.Ordinal)
            .Select(trainer => new TrainerLine(trainer.Trainer, trainer.Shards, trainer.Round, speeds.TryGetValue(trainer.Trainer, out var speed) ? speed : null, trainer.Alive))];
    }

    /// <summary>What the job came to.</summary>
    public JobReport Report()
    {
        var job = Details ?? throw new InvalidOperationException("Nothing has been read yet.");
        var end = job.Ended ?? job.Updated;
        return new JobReport
        {
            Job = job.Job,
            State = job.State,
            Rounds = job.Rounds,
            Round = job.Round,
            Trainers = Trainers,
            Seconds = Math.Round((end - job.Submitted).TotalSeconds, 2),
            ImagesPerSecond = ImagesPerSecond is { } speed ? Math.Round(speed, 1) : null,
            Loss = job.Loss,
            TestAccuracy = job.Result?.Accuracy ?? job.Accuracy,
            TestLoss = job.Result?.Loss ?? job.TestLoss,
            ParametersSha256 = job.Result?.ParametersSha256,
            Model = job.Result?.Model,
            Version = job.Result?.Version,
            Failure = job.State == JobState.Failed ? job.Failure : null,
        };
    }

    private double? SpeedOf(IEnumerable<MetricsLine> lines)
    {
        var ordered = lines.OrderBy(line => line.At).ToList();
        var time = ordered[^1].At - ordered[0].At;

        // The first line's samples were trained before its time.
        return time > TimeSpan.Zero ? ordered.Skip(1).Sum(line => line.Samples) / time.TotalSeconds : null;
    }
}
