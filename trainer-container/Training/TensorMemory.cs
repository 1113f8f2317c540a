using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Serverless.Trainer.Training;

/// <summary>A tensor's own memory as <see cref="Memory{T}"/>, so that data is decoded straight into it. The tensor must be contiguous, on the host, and outlive this.</summary>
internal sealed unsafe class TensorMemory<T> : MemoryManager<T>
    where T : unmanaged
{
    // Asking the tensor anew for every span would cost several calls into native code.
    private readonly T* _data;
    private readonly int _length;

    /// <summary>Looks into a tensor.</summary>
    /// <param name="tensor">The tensor; stays the caller's to dispose.</param>
    public TensorMemory(Tensor tensor)
    {
        var values = MemoryMarshal.Cast<byte, T>(tensor.bytes);
        _data = (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(values));
        _length = values.Length;
    }

    /// <inheritdoc/>
    public override Span<T> GetSpan() => new(_data, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_data + elementIndex, pinnable: this);

    /// <inheritdoc/>
    public override void Unpin()
    {
        // Native memory does not move.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The memory is the tensor's.
    }
}
