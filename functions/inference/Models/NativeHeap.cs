using System.Runtime.InteropServices;

namespace Serverless.Inference.Models;

/// <summary>Memory that ONNX Runtime takes from the C library.</summary>
internal static partial class NativeHeap
{
    private static bool _canTrim = OperatingSystem.IsLinux();

    /// <summary>
    /// Has the C library give back to the system what a freed model leaves behind. By itself it keeps whatever lies below the last block in use, in a heap of every thread that ever
    /// loaded a model.
    /// </summary>
    public static void GiveBack()
    {
        if (!_canTrim)
        {
            return;
        }

        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Only glibc needs it, and has it.
            _canTrim = false;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);
}
