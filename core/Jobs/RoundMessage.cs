using System.Text.Json;

namespace Serverless.Core.Jobs;

/// <summary>Hint on <c>round-contributions</c>: this round may be ready to be reduced.</summary>
/// <param name="Job">The job.</param>
/// <param name="Round">The round.</param>
public sealed record RoundMessage(string Job, int Round)
{
    /// <summary>Reads a message.</summary>
    /// <exception cref="InvalidDataException">It is not such a message.</exception>
    public static RoundMessage Parse(BinaryData message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return JobsJson.Parse(message.ToMemory().Span, JobsJson.Default.RoundMessage, "message of kind RoundMessage");
    }

    /// <summary>The message as it is sent.</summary>
    public BinaryData ToBinaryData() => new(JsonSerializer.SerializeToUtf8Bytes(this, JobsJson.Default.RoundMessage));
}
