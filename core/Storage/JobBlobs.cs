using System.Globalization;

namespace Serverless.Core.Storage;

/// <summary>Paths of a job's blobs inside the container <see cref="StorageNames.JobsContainer"/>.</summary>
/// <remarks>Round and shard numbers are padded so that names sort as numbers do.</remarks>
public static class JobBlobs
{
    /// <summary>Highest round number whose name still sorts right.</summary>
    public const int MaximumRound = 99_999;

    /// <summary>Prefix of the empty blobs that index jobs that have not ended.</summary>
    public const string ActivePrefix = "active/";

    /// <summary>Prefix of the empty blobs that index all jobs, newest first.</summary>
    public const string NewestPrefix = "newest/";

    private const string TensorsSuffix = ".safetensors";
    private const string StateSuffix = ".state" + TensorsSuffix;

    /// <summary>The id of the job that a submission with some idempotency key made; write once.</summary>
    /// <param name="keyHash">Hash of the key, in characters that a path may have.</param>
    public static string Submission(string keyHash) => $"submissions/{keyHash}";

    /// <summary>The spec as submitted, made canonical; write once.</summary>
    public static string Spec(string job) => $"{job}/spec.json";

    /// <summary>The plan; write once.</summary>
    public static string Plan(string job) => $"{job}/plan.json";

    /// <summary>The status; compare-and-swap.</summary>
    public static string Status(string job) => $"{job}/status.json";

    /// <summary>Who works on a shard; compare-and-swap.</summary>
    public static string Owner(string job, int shard) => Invariant($"{job}/shards/{shard:000}/owner");

    /// <summary>Prefix of everything that belongs to any round.</summary>
    public static string Rounds(string job) => $"{job}/rounds/";

    /// <summary>Prefix of everything that belongs to one round.</summary>
    public static string Round(string job, int round) => Invariant($"{job}/rounds/{round:00000}/");

    /// <summary>What a shard adds to a round; write once.</summary>
    public static string Contribution(string job, int round, int shard) => Invariant($"{job}/rounds/{round:00000}/{shard:000}{TensorsSuffix}");

    /// <summary>A shard's own optimizer state after a round; write once.</summary>
    public static string ShardState(string job, int round, int shard) => Invariant($"{job}/rounds/{round:00000}/{shard:000}{StateSuffix}");

    /// <summary>Prefix of all checkpoints.</summary>
    public static string Checkpoints(string job) => $"{job}/checkpoints/";

    /// <summary>A checkpoint; write once.</summary>
    public static string Checkpoint(string job, int round) => Invariant($"{job}/checkpoints/{round:00000}{TensorsSuffix}");

    /// <summary>Prefix of the evaluations of all checkpoints.</summary>
    public static string Evaluations(string job) => $"{job}/evaluations/";

    /// <summary>Prefix of the evaluations of one checkpoint.</summary>
    public static string Evaluations(string job, int round) => Invariant($"{job}/evaluations/{round:00000}/");

    /// <summary>How a checkpoint did on a shard's slice of the test split; write once.</summary>
    public static string Evaluation(string job, int round, int shard) => Invariant($"{job}/evaluations/{round:00000}/{shard:000}{TensorsSuffix}");

    /// <summary>One segment of a job's metrics; an append blob.</summary>
    /// <remarks>Segment 0 is <c>metrics.jsonl</c>. Longer jobs go on in further ones: an append blob takes 50,000 appends.</remarks>
    public static string Metrics(string job, int segment) => segment == 0 ? $"{job}/metrics.jsonl" : Invariant($"{job}/metrics.{segment}.jsonl");

    /// <summary>Empty blob that is there while the job has not ended.</summary>
    public static string Active(string job) => ActivePrefix + job;

    /// <summary>The shard of a contribution's or evaluation's path; false for anything else, such as a shard's state.</summary>
    public static bool TryParseShard(ReadOnlySpan<char> path, out int shard)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        shard = 0;
        return name.EndsWith(TensorsSuffix, StringComparison.Ordinal) && !name.EndsWith(StateSuffix, StringComparison.Ordinal)
            && int.TryParse(name[..^TensorsSuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out shard);
    }

    /// <summary>The round a path under <see cref="Rounds"/>, <see cref="Checkpoints"/> or <see cref="Evaluations(string)"/> belongs to.</summary>
    /// <param name="path">A blob's path.</param>
    /// <param name="prefix">The prefix it was listed by.</param>
    /// <param name="round">The round.</param>
    public static bool TryParseRound(ReadOnlySpan<char> path, string prefix, out int round)
    {
        round = 0;
        if (!path.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = path[prefix.Length..];
        var end = rest.IndexOfAny('/', '.');
        return end > 0 && int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out round);
    }

    private static string Invariant(FormattableString path) => path.ToString(CultureInfo.InvariantCulture);
}
