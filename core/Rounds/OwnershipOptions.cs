namespace Serverless.Core.Rounds;

/// <summary>How soon a dead trainer is noticed.</summary>
public sealed record OwnershipOptions
{
    /// <summary>How long a claim holds without being renewed.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How often a trainer renews its claims.</summary>
    public TimeSpan Renew { get; init; } = TimeSpan.FromSeconds(1);
}
