using Serverless.Core.Networks;
using Serverless.Core.Validation;

namespace Serverless.Core.Jobs;

/// <summary>Everything a user says about a training run. Immutable once submitted; together with the dataset it determines the trained parameters to the bit.</summary>
public sealed record JobSpec
{
    /// <summary>What a user calls the job, for display only; 1 to 100 characters or null.</summary>
    public string? Name { get; init; }

    /// <summary>The dataset to train on.</summary>
    public required string Dataset { get; init; }

    /// <summary>The network to train.</summary>
    public required NetworkSpec Network { get; init; }

    /// <summary>What training makes small.</summary>
    public LossKind Loss { get; init; } = LossKind.CrossEntropy;

    /// <summary>Slices of the data that are trained side by side, 1 to 1024. Not the number of trainers: that may be anything from one to this.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Most rows of one shard's batch, as for one rank of data-parallel training: a step of the job sees up to shards × batchSize rows.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Passes over the data, fractions allowed; null when <see cref="Rounds"/> is given.</summary>
    public double? Epochs { get; init; }

    /// <summary>Rounds to train; null when <see cref="Epochs"/> is given.</summary>
    public int? Rounds { get; init; }

    /// <summary>Steps a shard does between two meetings. 1: gradients are averaged each step; more: parameter deltas are averaged each round.</summary>
    public int LocalSteps { get; init; } = 1;

    /// <summary>Seed of initialisation, order of the data and dropout.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The optimizer of the steps.</summary>
    public OptimizerSpec Optimizer { get; init; } = new();

    /// <summary>How the learning rate of <see cref="Optimizer"/> changes.</summary>
    public ScheduleSpec Schedule { get; init; } = new();

    /// <summary>The optimizer of the rounds when <see cref="LocalSteps"/> is more than 1.</summary>
    public OuterSpec Outer { get; init; } = new();

    /// <summary>Who reduces rounds.</summary>
    public Aggregation Aggregation { get; init; } = Aggregation.Trainers;

    /// <summary>Rounds between two evaluations on the test split; null for about one epoch. The last checkpoint is evaluated in any case.</summary>
    public int? EvaluateEvery { get; init; }

    /// <summary>Longest time from submission to the end of training; a job that takes longer fails. Null for no limit.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>What to publish the result as; null for not at all.</summary>
    public PublishSpec? Publish { get; init; }

    /// <summary>Which weights become zero on the way; null for none.</summary>
    public PruningSpec? Pruning { get; init; }

    /// <summary>Number format of forward and backward pass.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Number format in which contributions are stored and sent.</summary>
    public Compression Compression { get; init; } = Compression.None;

    /// <summary>Reads a spec as a user wrote it: unknown fields are errors, every error is reported at once.</summary>
    /// <param name="json">UTF-8 JSON of at most <see cref="JobLimits.SpecBytes"/>.</param>
    /// <exception cref="ValidationException">Anything is wrong with it.</exception>
    public static JobSpec Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonInput.Parse(json, JobLimits.SpecBytes);
        return JobSpecReader.Read(document.RootElement);
    }

    /// <summary>Reads a spec from a stream, of which no more is read than a spec may be long.</summary>
    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte})"/>
    public static async Task<JobSpec> ParseAsync(Stream json, CancellationToken cancellation = default)
    {
        using var document = await JsonInput.ReadAsync(json, JobLimits.SpecBytes, cancellation);
        return JobSpecReader.Read(document.RootElement);
    }

    /// <summary>The canonical form that is stored: every field with its effective value, always in the same order. <see cref="Parse(ReadOnlyMemory{byte})"/> gives the same spec back.</summary>
    public byte[] ToJson() => JobSpecWriter.Write(this);
}
