using System.Text.Json;

namespace Serverless.Core.Jobs;

/// <summary>What a job comes to on its dataset: a pure function of its spec and the dataset's manifest, written once.</summary>
public sealed record JobPlan
{
    /// <summary>The job.</summary>
    public required string Job { get; init; }

    /// <summary>Rounds to train; checkpoint <c>Rounds</c> is the last one.</summary>
    public required int Rounds { get; init; }

    /// <summary>Steps each shard does in one pass over its rows.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Steps each shard does over the job. All rounds have <see cref="LocalSteps"/> of them but the last, which may have fewer.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Steps of a round.</summary>
    public required int LocalSteps { get; init; }

    /// <summary>Slices of the data, in the order of their indices.</summary>
    public required IReadOnlyList<ShardPlan> Shards { get; init; }

    /// <summary>Rounds between two evaluations.</summary>
    public required int EvaluateEvery { get; init; }

    /// <summary>
    /// Rounds between two checkpoints in storage, 1 in most jobs. Where it is more, every trainer reads all contributions and comes to each round's checkpoint in its own
    /// memory; what was not written can be computed again from the checkpoint before and the contributions since, in about a second.
    /// </summary>
    public int CheckpointEvery { get; init; } = 1;

    /// <summary>Rows of the test split; 0 when there is none.</summary>
    public required long TestRows { get; init; }

    /// <summary>SHA-256 of the train split's manifest, which pins every row of both splits.</summary>
    public required string DatasetSha256 { get; init; }

    /// <summary>Shape of one sample, without the batch dimension.</summary>
    public required int[] InputShape { get; init; }

    /// <summary>Numbers the network puts out for a sample.</summary>
    public required int Outputs { get; init; }

    /// <summary>Trainable parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Rounds of about one pass over the data.</summary>
    public int RoundsPerEpoch => Math.Max(1, (int)Math.Round((double)StepsPerEpoch / LocalSteps));

    /// <summary>The first global step of a round.</summary>
    public long FirstStep(int round) => (long)round * LocalSteps;

    /// <summary>Steps of a round: <see cref="LocalSteps"/>, or what is left for the last one.</summary>
    public int StepsIn(int round) => (int)Math.Clamp(TotalSteps - FirstStep(round), 0, LocalSteps);

    /// <summary>Whether a checkpoint is evaluated on the test split: every <see cref="EvaluateEvery"/> rounds, and the last one always.</summary>
    public bool IsEvaluationDue(int checkpoint) =>
        TestRows > 0 && checkpoint > 0 && (checkpoint == Rounds || checkpoint % EvaluateEvery == 0);

    /// <summary>
    /// Whether a checkpoint is written, and with it the state that shards had after the round before: every <see cref="CheckpointEvery"/> rounds, when it tells the outcome of
    /// an evaluation, and the last one always.
    /// </summary>
    public bool IsCheckpointDue(int checkpoint) => checkpoint % CheckpointEvery == 0 || checkpoint == Rounds || IsEvaluationDue(checkpoint - 1);

    /// <summary>The newest checkpoint before another one that <see cref="IsCheckpointDue"/>; 0 at the latest.</summary>
    public int CheckpointBefore(int checkpoint)
    {
        do
        {
            checkpoint--;
        }
        while (checkpoint > 0 && !IsCheckpointDue(checkpoint));
        return Math.Max(0, checkpoint);
    }

    /// <summary>Reads a plan.</summary>
    /// <exception cref="InvalidDataException">It is not one.</exception>
    public static JobPlan Parse(ReadOnlySpan<byte> json) => JobsJson.Parse(json, JobsJson.Default.JobPlan, "plan");

    /// <summary>The plan as it is stored.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, JobsJson.Default.JobPlan);
}
