using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public static partial class cuda
    {
        public static bool is_available() => NativeMethods.shim_cuda_is_available() != 0;

        public static bool is_cudnn_available() => NativeMethods.shim_cuda_cudnn_is_available() != 0;

        public static int device_count() => NativeMethods.shim_cuda_device_count();

        /// <summary>Seeds the current device's generator; without CUDA nothing happens.</summary>
        public static void manual_seed(long seed)
        {
            if (is_available())
            {
                NativeMethods.Check(NativeMethods.shim_cuda_manual_seed(seed, all: 0));
            }
        }

        /// <summary>Seeds every device's generator; without CUDA nothing happens.</summary>
        public static void manual_seed_all(long seed)
        {
            if (is_available())
            {
                NativeMethods.Check(NativeMethods.shim_cuda_manual_seed(seed, all: 1));
            }
        }

        /// <summary>Waits for all kernels on all streams of a device, by default the current one.</summary>
        public static void synchronize(Device? device = null) => NativeMethods.Check(NativeMethods.shim_cuda_synchronize(device?.index ?? -1));
    }
}
