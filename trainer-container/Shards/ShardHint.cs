namespace Serverless.Trainer.Shards;

/// <summary>A message of <c>training-shards</c> that this trainer holds for a moment.</summary>
/// <param name="Job">The job.</param>
/// <param name="Shard">The shard that wants a trainer.</param>
/// <param name="MessageId">The queue's name for the message.</param>
/// <param name="Receipt">What proves that this trainer holds it.</param>
internal sealed record ShardHint(string Job, int Shard, string MessageId, string Receipt);
