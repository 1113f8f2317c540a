using Serverless.Core.Networks;

namespace Serverless.Core.Jobs;

/// <summary>A planned job with everything that training, reducing and publishing need to know about it.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="Spec">What the user asked for.</param>
/// <param name="Plan">What it comes to on its dataset.</param>
/// <param name="Network">The network, fitted to the dataset.</param>
public sealed record TrainingJob(string Id, JobSpec Spec, JobPlan Plan, Network Network)
{
    /// <summary>Where the parameters are.</summary>
    public ParameterLayout Layout => Network.Layout;

    /// <summary>Fits the spec's network to the plan's shapes.</summary>
    public static TrainingJob Create(JobSpec spec, JobPlan plan)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(plan);
        return new TrainingJob(plan.Job, spec, plan, Network.Compile(spec.Network, plan.InputShape, plan.Outputs));
    }

    /// <summary>Reads spec and plan of a job; null when it is not planned yet.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    public static async Task<TrainingJob?> LoadAsync(JobStore jobs, string job, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var spec = await jobs.GetSpecAsync(job, cancellation);
        return await jobs.GetPlanAsync(job, cancellation) is { } plan ? Create(spec, plan) : null;
    }
}
