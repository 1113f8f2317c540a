using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Serverless.Core.Randomness;

namespace Serverless.Core.Networks;

/// <summary>
/// The parameters a network begins with: PyTorch's default distributions, drawn without torch. Each value is a function of the seed, its parameter's name and its
/// index alone, and takes only exact integer and correctly rounded float operations: every machine gets the same bits, in whatever order parameters are filled.
/// </summary>
public static class Initialisation
{
    // The generator's 24 upper bits as a whole number of steps of 2⁻²³ in [0, 2): exact in float32.
    private const float Step = 1f / (1 << 23);

    /// <summary>Fills both regions.</summary>
    /// <param name="network">The network.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="trainable">Receives the trainable parameters; exactly as long as the layout says.</param>
    /// <param name="buffers">Receives the buffers; exactly as long as the layout says.</param>
    /// <exception cref="ArgumentException">A region has another length than in the network's layout.</exception>
    public static void Fill(Network network, long seed, Span<float> trainable, Span<float> buffers)
    {
        network.Layout.CheckLengths(trainable.Length, buffers.Length);
        foreach (ParameterSlot slot in network.Layout.Slots)
        {
            Span<float> values = slot.Of(slot.Region == ParameterRegion.Trainable ? trainable : buffers);
            if (slot.Initial.Bound == 0)
            {
                values.Fill(slot.Initial.Centre);
            }
            else
            {
                FillUniform(values, slot.Initial, seed, Stream(slot.Name));
            }
        }
    }

    private static void FillUniform(Span<float> values, InitialValues initial, long seed, ulong stream)
    {
        Philox4x32 random = new((ulong)seed);
        Span<uint> words = stackalloc uint[4];
        for (int i = 0; i < values.Length; i += words.Length)
        {
            random.Fill((ulong)(i / words.Length), stream, words);
            int count = Math.Min(words.Length, values.Length - i);
            for (int j = 0; j < count; j++)
            {
                // In [-1, 1) and exact; the product and the sum are each rounded once.
                float unit = ((words[j] >> 8) * Step) - 1;
                values[i + j] = (unit * initial.Bound) + initial.Centre;
            }
        }
    }

    private static ulong Stream(string name) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"initialisation/{name}")));
}
