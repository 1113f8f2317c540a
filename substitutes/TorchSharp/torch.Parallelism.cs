using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Threads that one CPU operator may use.</summary>
    public static int get_num_threads() => NativeMethods.shim_num_threads();

    public static void set_num_threads(int num) => NativeMethods.Check(NativeMethods.shim_set_num_threads(num));

    /// <summary>Threads for independent operators (the JIT interpreter's).</summary>
    public static int get_num_interop_threads() => NativeMethods.shim_num_interop_threads();

    /// <summary>Can be set once, before any such thread has been started.</summary>
    public static void set_num_interop_threads(int num) => NativeMethods.Check(NativeMethods.shim_set_num_interop_threads(num));
}
