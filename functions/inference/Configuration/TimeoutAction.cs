using System.Text.Json.Serialization;

namespace Serverless.Inference.Configuration;

/// <summary>What happens to a request that has waited too long.</summary>
public enum TimeoutAction
{
    /// <summary>It is answered 503.</summary>
    [JsonStringEnumMemberName("REJECT")]
    Reject,

    /// <summary>It waits until every request of its priority that is still in time has been served.</summary>
    [JsonStringEnumMemberName("DELAY")]
    Delay,
}
