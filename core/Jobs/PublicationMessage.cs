using System.Text.Json;

namespace Serverless.Core.Jobs;

/// <summary>Hint on <c>model-publications</c>: this job's last checkpoint may be ready to be published.</summary>
/// <param name="Job">The job.</param>
public sealed record PublicationMessage(string Job)
{
    /// <summary>Reads a message.</summary>
    /// <exception cref="InvalidDataException">It is not such a message.</exception>
    public static PublicationMessage Parse(BinaryData message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return JobsJson.Parse(message.ToMemory().Span, JobsJson.Default.PublicationMessage, "message of kind PublicationMessage");
    }

    /// <summary>The message as it is sent.</summary>
    public BinaryData ToBinaryData() => new(JsonSerializer.SerializeToUtf8Bytes(this, JobsJson.Default.PublicationMessage));
}
