using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Serverless.ControlPlane.Queues;
using Serverless.Core.Storage;

namespace Serverless.ControlPlane.Planning;

/// <summary>Planning by queue.</summary>
public sealed class PlanFunctions(QueueEndpoint endpoint, PlanHandler handler)
{
    /// <summary>Plans a submitted job, or submits the one in the message and plans it.</summary>
    [Function("PlanJob")]
    public Task Plan(
        [QueueTrigger(StorageNames.TrainingJobsQueue, Connection = StorageNames.Connection)] QueueMessage message, CancellationToken cancellation) =>
        endpoint.HandleAsync(StorageNames.TrainingJobsQueue, message, PlanRequest.Parse, request => request.Job, handler.PlanAsync, cancellation);
}
