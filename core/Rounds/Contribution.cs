using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Tensors;

namespace Serverless.Core.Rounds;

/// <summary>
/// What a shard adds to a round, in memory that is used again and again. With one local step <see cref="Trainable"/> is the mean gradient over the shard's batch;
/// with more it is the parameters before the local steps minus those after them, so that it acts as a gradient too.
/// </summary>
/// <param name="layout">Where the parameters are.</param>
/// <param name="compression">In which format it is stored.</param>
public sealed class Contribution(ParameterLayout layout, Compression compression = Compression.None)
{
    /// <summary>Gradient or delta, one float a trainable parameter.</summary>
    public float[] Trainable { get; } = new float[layout.TrainableLength];

    /// <summary><see cref="Trainable"/> as it is stored, where that is not as it is in memory; else null.</summary>
    public byte[]? Packed { get; } = compression == Compression.BFloat16 ? new byte[BFloat16.Bytes * layout.TrainableLength] : null;

    /// <summary>New values of the buffers (batch-norm statistics), one float a buffer value.</summary>
    public float[] Buffers { get; } = new float[layout.BufferLength];

    /// <summary>Samples the round's steps saw; the weight of this contribution.</summary>
    public long Samples { get; set; }

    /// <summary>Sum of the samples' losses.</summary>
    public double LossSum { get; set; }

    /// <summary>Steps done.</summary>
    public int Steps { get; set; }

    /// <summary>Rounds <see cref="Trainable"/> to what can be stored: who has computed a contribution goes on with the same values as who reads it.</summary>
    public void Pack()
    {
        if (Packed is not null)
        {
            BFloat16.Pack(Trainable, Packed);
        }
    }

    /// <summary>Takes <see cref="Trainable"/> from <see cref="Packed"/>, after that was read.</summary>
    public void Unpack()
    {
        if (Packed is not null)
        {
            BFloat16.Unpack(Packed, Trainable);
        }
    }
}
