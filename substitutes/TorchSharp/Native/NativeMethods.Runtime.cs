using System.Runtime.InteropServices;

namespace TorchSharp.PInvoke;

internal static unsafe partial class NativeMethods
{
    [DllImport(Library), SuppressGCTransition]
    public static extern int shim_grad_mode();

    [DllImport(Library), SuppressGCTransition]
    public static extern void shim_set_grad_mode(int enabled);

    [DllImport(Library), SuppressGCTransition]
    public static extern int shim_inference_mode();

    [DllImport(Library)]
    public static extern int shim_inference_enter(int enabled, nint* guard);

    [DllImport(Library)]
    public static extern void shim_inference_leave(nint guard);

    [DllImport(Library)]
    public static extern int shim_manual_seed(long seed);

    [DllImport(Library)]
    public static extern int shim_generator_new(ulong seed, long device, nint* result);

    [DllImport(Library)]
    public static extern int shim_generator_default(nint* result);

    [DllImport(Library)]
    public static extern void shim_generator_release(nint generator);

    [DllImport(Library)]
    public static extern int shim_generator_seed(nint generator, long seed);

    [DllImport(Library)]
    public static extern long shim_generator_initial_seed(nint generator);

    [DllImport(Library)]
    public static extern int shim_generator_state(nint generator, nint* state);

    [DllImport(Library)]
    public static extern int shim_generator_set_state(nint generator, nint state);

    [DllImport(Library)]
    public static extern int shim_num_threads();

    [DllImport(Library)]
    public static extern int shim_set_num_threads(int count);

    [DllImport(Library)]
    public static extern int shim_num_interop_threads();

    [DllImport(Library)]
    public static extern int shim_set_num_interop_threads(int count);

    [DllImport(Library)]
    public static extern int shim_cuda_is_available();

    [DllImport(Library)]
    public static extern int shim_cuda_cudnn_is_available();

    [DllImport(Library)]
    public static extern int shim_cuda_device_count();

    [DllImport(Library)]
    public static extern int shim_cuda_manual_seed(long seed, int all);

    [DllImport(Library)]
    public static extern int shim_cuda_synchronize(int index);

    [DllImport(Library)]
    public static extern int shim_allow_tf32(int cudnn);

    [DllImport(Library)]
    public static extern int shim_set_allow_tf32(int cudnn, int allow);
}
