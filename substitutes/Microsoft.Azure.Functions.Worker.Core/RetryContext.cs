namespace Microsoft.Azure.Functions.Worker;

/// <summary>Where an invocation stands in its retry policy.</summary>
public abstract class RetryContext
{
    /// <summary>Retries made so far for this event.</summary>
    public abstract int RetryCount { get; }

    /// <summary>Retries after which the event is given up, -1 for never.</summary>
    public abstract int MaxRetryCount { get; }
}
