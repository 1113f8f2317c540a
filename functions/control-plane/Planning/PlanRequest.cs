using Azure.Storage.Queues.Models;
using Serverless.Core.Jobs;
using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Planning;

/// <summary>What a message on the submission queue asks for.</summary>
/// <param name="Job">The job to plan. One that the message itself submits has an id made of the message's, so that it stays one job however often it is delivered.</param>
/// <param name="Spec">The spec to submit first; null for a job that is submitted already.</param>
/// <param name="Refusal">Why the message cannot be read; null where it can.</param>
public sealed record PlanRequest(string Job, JobSpec? Spec, ValidationException? Refusal)
{
    /// <summary>Reads a message. One that cannot be read is a job too, which is going to fail.</summary>
    public static PlanRequest Parse(QueueMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var own = JobId.FromMessage(message.InsertedOn ?? DateTimeOffset.UnixEpoch, message.MessageId);
        try
        {
            var submission = Submission.Parse(message.Body);
            return new PlanRequest(submission.Job ?? own, submission.Spec, Refusal: null);
        }
        catch (ValidationException refusal)
        {
            return new PlanRequest(own, Spec: null, refusal);
        }
    }
}
