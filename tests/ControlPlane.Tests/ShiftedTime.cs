namespace Serverless.ControlPlane.Tests;

/// <summary>The system's time, but ahead by as much as a test wants.</summary>
public sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
