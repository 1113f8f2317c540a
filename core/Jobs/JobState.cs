using System.Text.Json.Serialization;

namespace Serverless.Core.Jobs;

/// <summary>Where a job is in its life. Ended states never change again.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<JobState>))]
public enum JobState
{
    /// <summary>Accepted, not planned yet.</summary>
    Submitted,

    /// <summary>Planned; shards are being trained.</summary>
    Running,

    /// <summary>Trained; the model is being exported and published.</summary>
    Publishing,

    /// <summary>Ended well.</summary>
    Succeeded,

    /// <summary>Ended with a reason.</summary>
    Failed,

    /// <summary>Ended by its user.</summary>
    Cancelled,
}
