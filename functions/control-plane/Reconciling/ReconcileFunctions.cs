using Microsoft.Azure.Functions.Worker;

namespace Serverless.ControlPlane.Reconciling;

/// <summary>Reconciling by the clock.</summary>
public sealed class ReconcileFunctions(Reconciler reconciler)
{
    /// <summary>Helps on the jobs that stand still.</summary>
    [Function("Reconcile")]
    public Task Reconcile([TimerTrigger($"%{ControlPlaneSettings.ReconcileSchedule}%")] TimerInfo timer, CancellationToken cancellation) =>
        reconciler.RunAsync(cancellation);
}
