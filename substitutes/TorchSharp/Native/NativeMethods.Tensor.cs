using System.Runtime.InteropServices;

namespace TorchSharp.PInvoke;

internal static unsafe partial class NativeMethods
{
    [DllImport(Library)]
    public static extern void shim_tensor_release(nint tensor);

    [DllImport(Library)]
    public static extern nint shim_tensor_alias(nint tensor);

    [DllImport(Library), SuppressGCTransition]
    public static extern long shim_tensor_dim(nint tensor);

    [DllImport(Library), SuppressGCTransition]
    public static extern long shim_tensor_numel(nint tensor);

    [DllImport(Library), SuppressGCTransition]
    public static extern int shim_tensor_dtype(nint tensor);

    [DllImport(Library), SuppressGCTransition]
    public static extern long shim_tensor_itemsize(nint tensor);

    [DllImport(Library), SuppressGCTransition]
    public static extern long shim_tensor_device(nint tensor);

    [DllImport(Library), SuppressGCTransition]
    public static extern int shim_tensor_is_contiguous(nint tensor);

    [DllImport(Library), SuppressGCTransition]
    public static extern int shim_tensor_sizes(nint tensor, long* sizes);

    [DllImport(Library), SuppressGCTransition]
    public static extern int shim_tensor_strides(nint tensor, long* strides);

    [DllImport(Library)]
    public static extern int shim_tensor_storage_offset(nint tensor, long* offset);

    [DllImport(Library)]
    public static extern int shim_tensor_data(nint tensor, void** data);

    [DllImport(Library), SuppressGCTransition]
    public static extern int shim_tensor_requires_grad(nint tensor);

    [DllImport(Library)]
    public static extern int shim_tensor_set_requires_grad(nint tensor, int value);

    [DllImport(Library)]
    public static extern int shim_tensor_is_leaf(nint tensor, int* leaf);

    [DllImport(Library)]
    public static extern int shim_tensor_retain_grad(nint tensor);

    [DllImport(Library)]
    public static extern int shim_tensor_grad(nint tensor, nint* grad);

    [DllImport(Library)]
    public static extern int shim_tensor_set_grad(nint tensor, nint grad);

    [DllImport(Library)]
    public static extern int shim_backward(
        nint* tensors, int count, nint* grads, int gradCount, int retainGraph, int createGraph, nint* inputs, int inputCount);

    [DllImport(Library)]
    public static extern int shim_grad(
        nint* outputs, int count, nint* inputs, int inputCount, nint* grads, int gradCount, int retainGraph, int createGraph, int allowUnused, nint* results);

    [DllImport(Library)]
    public static extern int shim_tensor_from_memory(
        void* data, long* sizes, int dimensions, int dtype, delegate* unmanaged[Cdecl]<nint, void> deleter, nint context, nint* result);
}
