using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp.PInvoke;

/// <summary>Tensors over the memory of managed arrays.</summary>
internal static unsafe class PinnedMemory
{
    /// <summary>The array stays pinned until native code has dropped the last tensor over it.</summary>
    /// <param name="offset">First element, in elements.</param>
    public static torch.Tensor Share(Array array, long offset, ReadOnlySpan<long> shape, torch.ScalarType type)
    {
        var pin = GCHandle.Alloc(array, GCHandleType.Pinned);
        var data = (byte*)pin.AddrOfPinnedObject() + (offset * ElementSize(type));
        nint tensor;
        fixed (long* sizes = shape)
        {
            NativeMethods.Check(NativeMethods.shim_tensor_from_memory(
                data, sizes, shape.Length, (int)type, &Unpin, GCHandle.ToIntPtr(pin), &tensor));
        }

        return new torch.Tensor(tensor);
    }

    private static int ElementSize(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Byte or torch.ScalarType.Int8 or torch.ScalarType.Bool => 1,
        torch.ScalarType.Int16 or torch.ScalarType.Float16 => 2,
        torch.ScalarType.Int32 or torch.ScalarType.Float32 => 4,
        _ => 8,
    };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Unpin(nint pin) => GCHandle.FromIntPtr(pin).Free();
}
