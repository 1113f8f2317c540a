using Serverless.Core.Networks;

namespace Serverless.Core.Rounds;

/// <summary>
/// What a shard adds to a round, in memory that is used again and again. With one local step <see cref="Trainable"/> is the mean gradient over the shard's batch;
/// with more it is the parameters before the local steps minus those after them, so that it acts as a gradient too.
/// </summary>
public sealed class Contribution(ParameterLayout layout)
{
    /// <summary>Gradient or delta, one float a trainable parameter.</summary>
    public float[] Trainable { get; } = new float[layout.TrainableLength];

    /// <summary>New values of the buffers (batch-norm statistics), one float a buffer value.</summary>
    public float[] Buffers { get; } = new float[layout.BufferLength];

    /// <summary>Samples the round's steps saw; the weight of this contribution.</summary>
    public long Samples { get; set; }

    /// <summary>Sum of the samples' losses.</summary>
    public double LossSum { get; set; }

    /// <summary>Steps done.</summary>
    public int Steps { get; set; }
}
