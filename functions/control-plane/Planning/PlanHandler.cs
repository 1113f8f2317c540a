using System.Globalization;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Planning;

/// <summary>Plans jobs and offers their shards to trainers. Every step may have been done before: each is done again without harm, or left.</summary>
public sealed class PlanHandler(JobStore jobs, DatasetStore datasets, RoundStore rounds, Hints hints, TimeProvider time)
{
    /// <summary>Plans a job.</summary>
    /// <exception cref="ValidationException">The request cannot be read, or the job does not fit its dataset.</exception>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    public async Task PlanAsync(PlanRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Refusal is { } refusal)
        {
            await jobs.RejectAsync(request.Job, refusal.Message, cancellation);
            throw refusal;
        }

        if (request.Spec is { } spec)
        {
            await jobs.SubmitAsync(request.Job, spec, cancellation);
        }

        var status = await jobs.GetStatusAsync(request.Job, cancellation) ?? throw new JobNotFoundException(request.Job);
        if (status.State != JobState.Submitted)
        {
            return;
        }

        var job = await EnsurePlannedAsync(request.Job, cancellation);
        var started = false;
        await jobs.UpdateStatusAsync(
            job.Id,
            current =>
            {
                started = current.State == JobState.Submitted;
                return started ? Start(current, job.Plan) : null;
            },
            cancellation);

        // A crash right here loses the hints: the reconciler finds shards that nobody owns.
        if (started)
        {
            await hints.ShardsAsync(job.Id, job.Plan.Shards.Select(shard => shard.Index), cancellation);
        }
    }

    /// <summary>Writes what is missing of a job's plan and first checkpoint. Both are pure functions of spec and dataset: whoever writes them first, they are the same.</summary>
    /// <exception cref="ValidationException">The job does not fit its dataset.</exception>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    public async Task<TrainingJob> EnsurePlannedAsync(string job, CancellationToken cancellation)
    {
        var spec = await jobs.GetSpecAsync(job, cancellation);
        var plan = await jobs.GetPlanAsync(job, cancellation);
        if (plan is null)
        {
            var train = await datasets.GetManifestAsync(spec.Dataset, DatasetSplits.Train, cancellation);
            plan = Planner.Plan(job, spec, train);
            if (!await jobs.CreatePlanAsync(plan, cancellation))
            {
                plan = await jobs.GetPlanAsync(job, cancellation) ?? throw new JobNotFoundException(job);
            }
        }

        var training = TrainingJob.Create(spec, plan);
        if (await rounds.LatestCheckpointAsync(job, cancellation) < 0)
        {
            await rounds.WriteInitialCheckpointAsync(training, cancellation);
        }

        return training;
    }

    private JobStatus Start(JobStatus status, JobPlan plan)
    {
        var now = time.GetUtcNow();
        var happened = string.Create(
            CultureInfo.InvariantCulture,
            $"planned: {plan.Shards.Count} shards, {plan.Rounds} rounds of {plan.LocalSteps} steps, {plan.Parameters} parameters");
        return status.With(now, happened) with { State = JobState.Running, Rounds = plan.Rounds, Started = now };
    }
}
