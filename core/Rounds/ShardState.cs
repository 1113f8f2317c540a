namespace Serverless.Core.Rounds;

/// <summary>A shard's own optimizer state after a round, in memory that is used again and again.</summary>
/// <param name="tensors">Flat tensors by name; their lengths are what is read and written.</param>
public sealed class ShardState(IReadOnlyDictionary<string, float[]> tensors)
{
    /// <summary>Flat tensors by name.</summary>
    public IReadOnlyDictionary<string, float[]> Tensors { get; } = tensors;

    /// <summary>Steps the optimizer has done.</summary>
    public long Step { get; set; }
}
