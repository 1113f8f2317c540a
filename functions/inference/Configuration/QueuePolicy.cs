namespace Serverless.Inference.Configuration;

/// <summary>How long requests of one priority wait, and how many of them.</summary>
public sealed record QueuePolicy
{
    /// <summary>What happens to a request that has waited longer than its timeout.</summary>
    public TimeoutAction TimeoutAction { get; init; } = TimeoutAction.Reject;

    /// <summary>How long a request may wait for its turn, in microseconds; 0 for ever.</summary>
    public long DefaultTimeoutMicroseconds { get; init; }

    /// <summary>Whether a request's own <c>timeout</c> counts, where it is shorter.</summary>
    public bool AllowTimeoutOverride { get; init; }

    /// <summary>How many requests may wait; one more is answered 503. 0 for any number; null for the server's <c>Inference__MaxQueueSize</c>.</summary>
    public int? MaxQueueSize { get; init; }
}
