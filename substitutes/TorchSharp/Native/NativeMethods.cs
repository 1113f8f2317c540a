using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp.PInvoke;

/// <summary>
/// The functions of native/*.cpp. All arguments are blittable. Those marked with <see cref="SuppressGCTransitionAttribute"/> only read a field.
/// </summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "LibTorchSharp";

    /// <summary>Turns a failing status into the exception that the official package throws.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check(int status)
    {
        if (status != 0)
        {
            torch.CheckForErrors();
        }
    }

    [DllImport(Library)]
    public static extern byte* shim_last_error();

    [DllImport(Library)]
    public static extern int shim_version();

    [DllImport(Library)]
    public static extern int shim_find(byte* name, byte* overload, int required, nint* found);

    [DllImport(Library)]
    public static extern int shim_call(nint op, NativeValue* arguments, int count, NativeValue* results, int capacity);

    [DllImport(Library)]
    public static extern void shim_free(void* memory);
}
