using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks;

/// <summary>
/// Where every parameter of a network lives. All trainable parameters together are one flat float32 array and all buffers are another, each in the order of the
/// layers: what goes over the wire, is reduced, optimised and hashed is always a whole array.
/// </summary>
public sealed class ParameterLayout
{
    /// <summary>
    /// The most parameters a network may have, both regions together. 2 GB is the most that a published model can hold (an ONNX file is one protobuf message) and that
    /// a <see cref="Span{T}"/> of bytes can cover; this leaves room for the graph.
    /// </summary>
    public const int MaximumLength = 500_000_000;

    private readonly Dictionary<string, ParameterSlot> _byName;

    internal ParameterLayout(IReadOnlyList<ParameterSlot> slots)
    {
        Slots = slots;
        TrainableLength = slots.Where(slot => slot.Region == ParameterRegion.Trainable).Sum(slot => slot.Length);
        BufferLength = slots.Where(slot => slot.Region == ParameterRegion.Buffer).Sum(slot => slot.Length);
        _byName = slots.ToDictionary(slot => slot.Name, StringComparer.Ordinal);
    }

    /// <summary>All parameters in the order of the layers; within a region the offsets grow without gaps.</summary>
    public IReadOnlyList<ParameterSlot> Slots { get; }

    /// <summary>The length of the trainable array.</summary>
    public int TrainableLength { get; }

    /// <summary>The length of the buffer array; 0 when the network has no buffers.</summary>
    public int BufferLength { get; }

    /// <summary>The parameter of this name, such as <c>layers.0.weight</c>.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public ParameterSlot this[string name] => _byName[name];

    /// <summary>The identity of a set of parameter values: SHA-256 over all trainable values, then all buffers, as little-endian float32, in lower-case hexadecimal.</summary>
    /// <exception cref="ArgumentException">A region has another length than in this layout.</exception>
    public string Sha256(ReadOnlySpan<float> trainable, ReadOnlySpan<float> buffers)
    {
        CheckLengths(trainable.Length, buffers.Length);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(trainable));
        hash.AppendData(MemoryMarshal.AsBytes(buffers));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal void CheckLengths(int trainable, int buffers)
    {
        if (trainable != TrainableLength || buffers != BufferLength)
        {
            throw new ArgumentException($"{trainable} trainable values and {buffers} buffers do not fit this network, which has {TrainableLength} and {BufferLength}.");
        }
    }

    /// <summary>Gives parameters their places while a network is compiled.</summary>
    internal sealed class Builder
    {
        private readonly List<ParameterSlot> _slots = [];
        private int _trainable;
        private int _buffers;

        public ParameterSlot Add(string name, ParameterRegion region, int[] shape, InitialValues initial, string path)
        {
            long length = Shapes.Elements(shape);
            if (length > MaximumLength - _trainable - _buffers)
            {
                throw new ValidationException(path, $"brings the network to more than {MaximumLength} parameters with its {name} of {Shapes.Format(shape)}; legal 0..{MaximumLength}");
            }

            ref int end = ref region == ParameterRegion.Trainable ? ref _trainable : ref _buffers;
            ParameterSlot slot = new(name, region, shape, end, (int)length, initial);
            end += slot.Length;
            _slots.Add(slot);
            return slot;
        }

        public ParameterLayout Build() => new(_slots);
    }
}
