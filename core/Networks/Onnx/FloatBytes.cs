using System.Buffers;
using System.Runtime.InteropServices;

namespace Serverless.Core.Networks.Onnx;

/// <summary>A view of floats as their little-endian bytes, so that parameters go from where they are straight into a file.</summary>
internal sealed class FloatBytes(ReadOnlyMemory<float> values) : MemoryManager<byte>
{
    // Writing through the view is impossible for those who get it: it is only ever wrapped as read-only bytes.
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(MemoryMarshal.AsMemory(values).Span);

    /// <exception cref="NotSupportedException">Always: nothing that reads managed memory pins it.</exception>
    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("A view of parameters is not pinned.");

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
