namespace Serverless.ControlPlane;

/// <summary>Names of application settings that triggers refer to.</summary>
public static class ControlPlaneSettings
{
    /// <summary>When the reconciler runs, as an NCRONTAB expression of six fields.</summary>
    public const string ReconcileSchedule = "ReconcileSchedule";

    /// <summary>
    /// The schedule for one machine: when the last trainer dies, another one has its shards within ten seconds, of which its claims hold four. In the cloud once a minute
    /// keeps an idle app asleep.
    /// </summary>
    public const string LocalReconcileSchedule = "*/2 * * * * *";
}
