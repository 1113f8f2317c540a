using System.Runtime.InteropServices;

namespace Serverless.Inference.Execution;

/// <summary>The few functions of NVIDIA's CUDA runtime that ONNX Runtime has no counterpart of. The library is the one that the CUDA provider has loaded.</summary>
internal sealed class CudaRuntime
{
    private const int HostToDevice = 1;
    private const int DeviceToHost = 2;

    private static readonly string[] Libraries = OperatingSystem.IsWindows() ? ["cudart64_13.dll", "cudart64_12.dll"] : ["libcudart.so.13", "libcudart.so.12"];
    private static readonly Lazy<CudaRuntime> Loaded = new(() => new CudaRuntime());

    private readonly SetDevice _setDevice;
    private readonly Copy _copy;
    private readonly Synchronize _synchronize;

    private CudaRuntime()
    {
        var library = default(nint);
        if (!Libraries.Any(name => NativeLibrary.TryLoad(name, out library)))
        {
            throw new DllNotFoundException($"The CUDA runtime is none of {string.Join(", ", Libraries)}.");
        }

        _setDevice = Marshal.GetDelegateForFunctionPointer<SetDevice>(NativeLibrary.GetExport(library, "cudaSetDevice"));
        _copy = Marshal.GetDelegateForFunctionPointer<Copy>(NativeLibrary.GetExport(library, "cudaMemcpy"));
        _synchronize = Marshal.GetDelegateForFunctionPointer<Synchronize>(NativeLibrary.GetExport(library, "cudaStreamSynchronize"));
    }

    /// <summary>The runtime.</summary>
    /// <exception cref="DllNotFoundException">This machine has none.</exception>
    public static CudaRuntime Instance => Loaded.Value;

    /// <summary>Makes a device the one that this thread's calls are about.</summary>
    public void Use(int device) => Check(_setDevice(device), "cudaSetDevice");

    /// <summary>Copies to the device; <see cref="Finish"/> says when it is there.</summary>
    public void CopyIn(nint device, nint host, int bytes) => Check(_copy(device, host, (nuint)bytes, HostToDevice), "cudaMemcpy");

    /// <summary>Copies from the device.</summary>
    public void CopyOut(nint host, nint device, int bytes) => Check(_copy(host, device, (nuint)bytes, DeviceToHost), "cudaMemcpy");

    /// <summary>Waits until everything copied is there: small copies return before, and ONNX Runtime's own stream does not wait for them.</summary>
    public void Finish() => Check(_synchronize(0), "cudaStreamSynchronize");

    private static void Check(int error, string function)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"{function} failed with CUDA error {error}.");
        }
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SetDevice(int device);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Copy(nint destination, nint source, nuint bytes, int kind);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Synchronize(nint stream);
}
