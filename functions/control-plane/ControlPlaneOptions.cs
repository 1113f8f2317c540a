using System.ComponentModel.DataAnnotations;

namespace Serverless.ControlPlane;

/// <summary>Settings, from the configuration section <c>ControlPlane</c> (application settings <c>ControlPlane__MaxDequeueCount</c> and so on).</summary>
public sealed class ControlPlaneOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "ControlPlane";

    /// <summary>How often a message is tried before it goes to the poison queue: <c>maxDequeueCount</c> of host.json, which the two have to agree on. Default 5.</summary>
    [Range(1, 100)]
    public int MaxDequeueCount { get; set; } = 5;

    /// <summary>How long a job may stand still before the reconciler helps it on. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a hint that the reconciler sent may wait for somebody before it sends another one; the hint itself is gone by then. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan HintLifetime { get; set; } = TimeSpan.FromMinutes(1);
}
