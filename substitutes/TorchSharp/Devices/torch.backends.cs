using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public static partial class backends
    {
        public static partial class cuda
        {
            public static partial class matmul
            {
                /// <summary>Whether CUDA matrix products of float32 may round their inputs to TF32.</summary>
                public static bool allow_tf32
                {
                    get => NativeMethods.shim_allow_tf32(cudnn: 0) != 0;
                    set => NativeMethods.Check(NativeMethods.shim_set_allow_tf32(cudnn: 0, value ? 1 : 0));
                }
            }
        }

        public static partial class cudnn
        {
            /// <summary>Whether cuDNN convolutions of float32 may round their inputs to TF32.</summary>
            public static bool allow_tf32
            {
                get => NativeMethods.shim_allow_tf32(cudnn: 1) != 0;
                set => NativeMethods.Check(NativeMethods.shim_set_allow_tf32(cudnn: 1, value ? 1 : 0));
            }
        }
    }
}
