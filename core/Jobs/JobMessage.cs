using System.Text.Json;

namespace Serverless.Core.Jobs;

/// <summary>Hint on <c>training-jobs</c>: plan this job.</summary>
/// <param name="Job">The job.</param>
public sealed record JobMessage(string Job)
{
    /// <summary>Reads a message.</summary>
    /// <exception cref="InvalidDataException">It is not such a message.</exception>
    public static JobMessage Parse(BinaryData message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return JobsJson.Parse(message.ToMemory().Span, JobsJson.Default.JobMessage, "message of kind JobMessage");
    }

    /// <summary>The message as it is sent.</summary>
    public BinaryData ToBinaryData() => new(JsonSerializer.SerializeToUtf8Bytes(this, JobsJson.Default.JobMessage));
}
