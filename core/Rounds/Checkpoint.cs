using Serverless.Core.Networks;

namespace Serverless.Core.Rounds;

/// <summary>Parameters after a round and the state of the reducer's optimizer, in memory that is used again and again.</summary>
public sealed class Checkpoint
{
    private readonly ParameterLayout _layout;

    /// <summary>Memory for checkpoints of a layout.</summary>
    /// <param name="layout">Where the parameters are.</param>
    /// <param name="stateNames">Names of the optimizer's state tensors, each as long as the trainable parameters; none for readers that do not reduce.</param>
    public Checkpoint(ParameterLayout layout, IReadOnlyList<string>? stateNames = null)
    {
        ArgumentNullException.ThrowIfNull(layout);
        _layout = layout;
        Trainable = new float[layout.TrainableLength];
        Buffers = new float[layout.BufferLength];
        OptimizerState = new SortedDictionary<string, float[]>(
            (stateNames ?? []).ToDictionary(name => name, _ => new float[layout.TrainableLength]), StringComparer.Ordinal);
    }

    /// <summary>The round this is the outcome of; 0 is the initialisation, -1 nothing yet.</summary>
    public int Round { get; internal set; } = -1;

    /// <summary>Trainable parameters.</summary>
    public float[] Trainable { get; }

    /// <summary>Buffers.</summary>
    public float[] Buffers { get; }

    /// <summary>State of the reducer's optimizer by name.</summary>
    public IReadOnlyDictionary<string, float[]> OptimizerState { get; }

    /// <summary>Whether <see cref="OptimizerState"/> belongs to <see cref="Round"/>; it is only read when it is needed.</summary>
    public bool HasState { get; internal set; }

    /// <summary>Where the state begins in the checkpoint's blob, in bytes.</summary>
    internal long StateOffset { get; set; }

    /// <summary>Identity of the parameters, as <see cref="ParameterLayout.Sha256"/> gives it.</summary>
    public string ParametersSha256() => _layout.Sha256(Trainable, Buffers);

    /// <summary>Says that the memory holds no checkpoint now, as before it is written over.</summary>
    internal void Invalidate()
    {
        Round = -1;
        HasState = false;
    }
}
