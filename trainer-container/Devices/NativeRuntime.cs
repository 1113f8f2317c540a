using System.Globalization;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Serverless.Trainer.Devices;

/// <summary>Settings of the native libraries under torch, which have to be made before they are loaded.</summary>
internal static partial class NativeRuntime
{
    // <malloc.h> of glibc.
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;

    // Variables that the OpenMP runtimes and BLAS libraries read once, when they are loaded.
    private static readonly string[] ThreadVariables = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];

    /// <summary>Limits the threads of one operation, and keeps freed memory for the next step. To be called before anything of torch is touched.</summary>
    /// <param name="threads">Threads of one operation.</param>
    public static void Prepare(int threads)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        foreach (var variable in ThreadVariables)
        {
            // Environment.SetEnvironmentVariable does not reach the process's own environment, which is what native code reads.
            _ = SetEnvironment(variable, threads.ToString(CultureInfo.InvariantCulture), overwrite: 1);
        }

        // A step frees what the next one allocates again: giving pages of that size back to the kernel and faulting them in anew costs up to a third of a step.
        try
        {
            _ = SetAllocator(MmapThreshold, int.MaxValue);
            _ = SetAllocator(TrimThreshold, int.MaxValue);
            _ = SetAllocator(TopPad, 64 << 20);
        }
        catch (EntryPointNotFoundException)
        {
            // Not glibc: its allocator's defaults have to do.
        }
    }

    /// <summary>Loads torch and sets its threads.</summary>
    /// <param name="threads">Threads of one operation.</param>
    public static void Load(int threads)
    {
        set_num_threads(threads);
        if (get_num_interop_threads() != 1)
        {
            set_num_interop_threads(1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);
}
