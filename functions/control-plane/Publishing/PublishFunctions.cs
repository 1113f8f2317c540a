using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Serverless.ControlPlane.Queues;
using Serverless.Core.Jobs;
using Serverless.Core.Storage;

namespace Serverless.ControlPlane.Publishing;

/// <summary>Publishing by queue.</summary>
public sealed class PublishFunctions(QueueEndpoint endpoint, PublishHandler handler)
{
    /// <summary>Ends a job whose last checkpoint may be ready: checks it, and publishes it where the job asks for it.</summary>
    [Function("PublishModel")]
    public Task Publish(
        [QueueTrigger(StorageNames.ModelPublicationsQueue, Connection = StorageNames.Connection)] QueueMessage message, CancellationToken cancellation) =>
        endpoint.HandleAsync(
            StorageNames.ModelPublicationsQueue, message, received => PublicationMessage.Parse(received.Body), publication => publication.Job, handler.PublishAsync, cancellation);
}
