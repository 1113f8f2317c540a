namespace Serverless.Trainer.Shards;

/// <summary>What this trainer has in memory is not what storage has: it has to begin again from the newest checkpoint there.</summary>
internal sealed class OutOfStepException(string message) : Exception(message);
