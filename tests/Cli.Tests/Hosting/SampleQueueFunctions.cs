using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Cli.Tests.Hosting;

public sealed class SampleQueueFunctions(Trace trace)
{
    [Function("Take")]
    public void Take([QueueTrigger("take")] QueueMessage message) => trace.Note("take", $"{message.Body} {message.DequeueCount}");

    [Function("TakeText")]
    public Task TakeText([QueueTrigger("%TextQueue%")] string message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        trace.Note("text", message);
        return Task.CompletedTask;
    }

    [Function("Refuse")]
    public void Refuse([QueueTrigger("refuse")] QueueMessage message)
    {
        trace.Note("refuse", $"{message.Body} {message.DequeueCount}");
        throw new InvalidOperationException("refused");
    }

    [Function("Slow")]
    public async Task Slow([QueueTrigger("slow")] string message)
    {
        trace.Note("slow", message);
        await trace.WaitAtAsync("slow");
        trace.Note("slow done", message);
    }

    [Function("Crowd")]
    public async Task Crowd([QueueTrigger("crowd")] string message)
    {
        trace.Note("crowd", message);
        await trace.WaitAtAsync("crowd");
        trace.Note("crowd done", message);
    }
}
