namespace Serverless.Cli.Hosting.Queues;

/// <summary>host.json's <c>extensions.queues</c>, with the defaults of Azure Functions.</summary>
internal sealed record QueueOptions
{
    /// <summary>Messages received at once, 1 to 32.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>A new batch is received as soon as no more than this many messages are at work.</summary>
    public int NewBatchThreshold { get; init; } = 8;

    /// <summary>After this many failed tries a message goes to the poison queue.</summary>
    public int MaxDequeueCount { get; init; } = 5;

    /// <summary>How long a message whose function failed stays hidden before the next try.</summary>
    public TimeSpan VisibilityTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>The longest pause between two looks into an empty queue.</summary>
    public TimeSpan MaxPollingInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether message bodies are base64 on the wire.</summary>
    public bool Base64 { get; init; } = true;
}
