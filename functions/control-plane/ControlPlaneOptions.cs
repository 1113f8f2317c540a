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

    /// <summary>How long a job may stand still before the reconciler helps it on. Default 3 s: less than the claims of a trainer that died still hold.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a hint about a shard waits for somebody before it is gone, and the longest pause before the reconciler repeats a hint that did not help. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan HintLifetime { get; set; } = TimeSpan.FromMinutes(1);
}
