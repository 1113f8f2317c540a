using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Serverless.ControlPlane.Queues;
using Serverless.Core.Jobs;
using Serverless.Core.Storage;

namespace Serverless.ControlPlane.Reducing;

/// <summary>Reducing by queue.</summary>
public sealed class ReduceFunctions(QueueEndpoint endpoint, ReduceHandler handler)
{
    /// <summary>Reduces a round that may be ready.</summary>
    [Function("ReduceRound")]
    public Task Reduce(
        [QueueTrigger(StorageNames.RoundContributionsQueue, Connection = StorageNames.Connection)] QueueMessage message, CancellationToken cancellation) =>
        endpoint.HandleAsync(
            StorageNames.RoundContributionsQueue, message, received => RoundMessage.Parse(received.Body), round => round.Job, handler.ReduceAsync, cancellation);
}
