namespace Serverless.Trainer.Training;

/// <summary>
/// What an optimizer remembers of a shard between two rounds, on the host: it is stored beside the shard's contribution, so that whoever runs the shard
/// next goes on with the same bits.
/// </summary>
/// <param name="names">The optimizer's tensors, in their order.</param>
/// <param name="length">The length of each: the trainable region's.</param>
internal sealed class InnerState(IReadOnlyList<string> names, int length)
{
    /// <summary>How many steps the optimizer has taken for this shard.</summary>
    public long Steps { get; set; }

    /// <summary>The optimizer's tensors, all zero at the beginning.</summary>
    public IReadOnlyList<KeyValuePair<string, float[]>> Tensors { get; } = [.. names.Select(name => KeyValuePair.Create(name, new float[length]))];

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Steps = 0;
        foreach (var (_, values) in Tensors)
        {
            Array.Clear(values);
        }
    }
}
