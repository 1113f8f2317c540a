using Azure.Storage.Queues.Models;

namespace Serverless.Cli.Hosting.Functions;

/// <summary>A function with a queue trigger.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Queue">The queue it listens to.</param>
/// <param name="Activate">Makes its instance, null for a static function.</param>
/// <param name="Invoke">Runs it.</param>
internal sealed record QueueFunction(string Name, string Queue, FunctionActivator? Activate, Invocation<QueueMessage> Invoke);
