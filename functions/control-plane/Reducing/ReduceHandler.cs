using Serverless.Core.Jobs;
using Serverless.Core.Rounds;

namespace Serverless.ControlPlane.Reducing;

/// <summary>Reduces rounds where the job asks for it, or where its trainers did not come to it.</summary>
public sealed class ReduceHandler(JobStore jobs, RoundReducer reducer, Hints hints)
{
    /// <summary>Reduces a round if all its contributions are there; whether it has been before, or is being right now, makes no difference.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    /// <exception cref="DivergedException">Training went to infinity.</exception>
    public async Task ReduceAsync(RoundMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        var status = await jobs.GetStatusAsync(message.Job, cancellation) ?? throw new JobNotFoundException(message.Job);
        if (status.IsEnded || await TrainingJob.LoadAsync(jobs, message.Job, cancellation) is not { } job || message.Round < 0 || message.Round >= job.Plan.Rounds)
        {
            return;
        }

        var memory = new RoundMemory(job);
        var result = await reducer.ReduceAsync(job, message.Round, memory, cancellation: cancellation);
        await memory.SettleAsync();

        // With a test split, the trainer that completes the evaluation of the last checkpoint says so; without one, nobody else would.
        if (result.Outcome is ReduceOutcome.Reduced or ReduceOutcome.AlreadyDone && message.Round + 1 == job.Plan.Rounds && !job.Plan.IsEvaluationDue(job.Plan.Rounds))
        {
            await hints.PublicationAsync(job.Id, cancellation);
        }
    }
}
