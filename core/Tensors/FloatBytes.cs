using System.Buffers;
using System.Runtime.InteropServices;

namespace Serverless.Core.Tensors;

/// <summary>Float memory seen as bytes, so that streams read into it and write out of it without a copy in between.</summary>
internal sealed class FloatBytes : MemoryManager<byte>
{
    /// <summary>Most floats one view covers: a <see cref="Memory{T}"/> of bytes cannot be longer than 2 GiB.</summary>
    public const int MaxFloats = 1 << 28;

    private readonly Memory<float> _floats;

    private FloatBytes(Memory<float> floats) => _floats = floats;

    /// <summary>A view of at most <see cref="MaxFloats"/> floats.</summary>
    public static Memory<byte> Of(Memory<float> floats) => floats.IsEmpty ? default : new FloatBytes(floats).Memory;

    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(_floats.Span);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        var handle = _floats.Pin();
        unsafe
        {
            return new MemoryHandle((byte*)handle.Pointer + elementIndex, pinnable: new PinnedFloats(handle));
        }
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }

    private sealed class PinnedFloats(MemoryHandle handle) : IPinnable
    {
        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException("Already pinned.");

        public void Unpin() => handle.Dispose();
    }
}
