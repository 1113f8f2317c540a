namespace Serverless.Inference.Statistics;

/// <summary>Why a request had no success.</summary>
public enum FailureReason
{
    /// <summary>Too many requests waited, or it waited too long.</summary>
    Rejected,

    /// <summary>The client went away.</summary>
    Cancelled,

    /// <summary>The model refused its inputs.</summary>
    Backend,
}
