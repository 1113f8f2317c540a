namespace Serverless.Core.Jobs;

/// <summary>A shard's slice of the data: contiguous rows of the train split, and of the test split for evaluations.</summary>
/// <param name="Index">The shard, from 0.</param>
/// <param name="FirstRow">First row of the train split.</param>
/// <param name="Rows">Rows of the train split; shards differ by at most one.</param>
/// <param name="FirstTestRow">First row of the test split.</param>
/// <param name="TestRows">Rows of the test split; 0 when there is none to look at.</param>
public sealed record ShardPlan(int Index, long FirstRow, long Rows, long FirstTestRow, long TestRows);
