using System.Text.Json;

namespace Serverless.Core.Jobs;

/// <summary>Hint on <c>training-shards</c>: this shard wants a trainer.</summary>
/// <param name="Job">The job.</param>
/// <param name="Shard">The shard.</param>
public sealed record ShardMessage(string Job, int Shard)
{
    /// <summary>Reads a message.</summary>
    /// <exception cref="InvalidDataException">It is not such a message.</exception>
    public static ShardMessage Parse(BinaryData message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return JobsJson.Parse(message.ToMemory().Span, JobsJson.Default.ShardMessage, "message of kind ShardMessage");
    }

    /// <summary>The message as it is sent.</summary>
    public BinaryData ToBinaryData() => new(JsonSerializer.SerializeToUtf8Bytes(this, JobsJson.Default.ShardMessage));
}
