namespace Serverless.Core.Rounds;

/// <summary>A shard's own optimizer state after a round, in memory that is used again and again.</summary>
/// <param name="tensors">Flat tensors by name; their lengths are what is read and written.</param>
public sealed class ShardState(IReadOnlyDictionary<string, float[]> tensors)
{
    /// <summary>Flat tensors by name.</summary>
    public IReadOnlyDictionary<string, float[]> Tensors { get; } = tensors;

    /// <summary>Steps the optimizer has done.</summary>
    public long Step { get; set; }

    /// <summary>Forgets everything: the state before the first step.</summary>
    public void Clear()
    {
        Step = 0;
        foreach (var values in Tensors.Values)
        {
            Array.Clear(values);
        }
    }

    /// <summary>Copies this state over another one of the same tensors.</summary>
    public void CopyTo(ShardState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        other.Step = Step;
        foreach (var (name, values) in Tensors)
        {
            values.CopyTo(other.Tensors[name], 0);
        }
    }
}
