namespace Serverless.Core.Rounds;

/// <summary>Who wrote a blob and how long it took: kept beside the content, which is the same whoever writes it.</summary>
/// <param name="Trainer">Id of the trainer.</param>
/// <param name="Compute">Time spent training.</param>
/// <param name="Wait">Time spent waiting for the checkpoint before.</param>
/// <param name="At">When the trainer was done, by its own clock: storage's own time is in whole seconds.</param>
public sealed record BlobFacts(string Trainer, TimeSpan Compute = default, TimeSpan Wait = default, DateTimeOffset? At = null);
