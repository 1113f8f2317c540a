using System.Runtime.InteropServices;

namespace TorchSharp.PInvoke;

/// <summary>One argument or result of an operator, laid out as <c>Value</c> in shim.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue(NativeValueKind kind, int count, long data)
{
    public NativeValueKind Kind = kind;

    /// <summary>Number of elements behind <see cref="Data"/> for lists, length in bytes for text.</summary>
    public int Count = count;

    /// <summary>An integer, the bits of a double, or a pointer, as <see cref="Kind"/> says.</summary>
    public long Data = data;
}
