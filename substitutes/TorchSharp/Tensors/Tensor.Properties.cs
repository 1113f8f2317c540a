using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Operator IsNonzeroOperator = new("is_nonzero");

        public long Dimensions => NativeMethods.shim_tensor_dim(Handle);

        public long ndim => Dimensions;

        public long NumberOfElements => NativeMethods.shim_tensor_numel(Handle);

        public long ElementSize => NativeMethods.shim_tensor_itemsize(Handle);

        public ScalarType dtype => (ScalarType)NativeMethods.shim_tensor_dtype(Handle);

        public DeviceType device_type => (DeviceType)(int)(NativeMethods.shim_tensor_device(Handle) >> 32);

        public int device_index => (int)NativeMethods.shim_tensor_device(Handle);

        public Device device
        {
            get
            {
                var packed = NativeMethods.shim_tensor_device(Handle);
                var type = (DeviceType)(int)(packed >> 32);
                return type == DeviceType.CPU ? new Device(DeviceType.CPU) : new Device(type, (int)packed);
            }
        }

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        /// <summary>The sizes of all dimensions, in a new array at every call.</summary>
        public long[] shape => size();

        public long dim() => Dimensions;

        public long numel() => NumberOfElements;

        public long element_size() => ElementSize;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_contiguous() => NativeMethods.shim_tensor_is_contiguous(Handle) != 0;

        /// <exception cref="InvalidOperationException">The tensor has more or less than one element.</exception>
        public bool is_nonzero()
        {
            if (numel() != 1)
            {
                throw new InvalidOperationException("is_nonzero() called on non-singleton tensor");
            }

            return IsNonzeroOperator.CallBool(this);
        }

        public unsafe long[] size()
        {
            var sizes = new long[Dimensions];
            fixed (long* pointer = sizes)
            {
                NativeMethods.Check(NativeMethods.shim_tensor_sizes(Handle, pointer));
            }

            return sizes;
        }

        /// <param name="dim">Counted from the end when negative.</param>
        public unsafe long size(int dim)
        {
            var sizes = stackalloc long[(int)Math.Max(1, Dimensions)];
            NativeMethods.Check(NativeMethods.shim_tensor_sizes(Handle, sizes));
            return sizes[Wrap(dim)];
        }

        public unsafe long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* pointer = strides)
            {
                NativeMethods.Check(NativeMethods.shim_tensor_strides(Handle, pointer));
            }

            return strides;
        }

        public unsafe long stride(int dim)
        {
            var strides = stackalloc long[(int)Math.Max(1, Dimensions)];
            NativeMethods.Check(NativeMethods.shim_tensor_strides(Handle, strides));
            return strides[Wrap(dim)];
        }

        /// <summary>How many elements after its memory's start the tensor begins.</summary>
        public unsafe long storage_offset()
        {
            long offset;
            NativeMethods.Check(NativeMethods.shim_tensor_storage_offset(Handle, &offset));
            return offset;
        }

        /// <summary>Shape, type and device, not the elements.</summary>
        public override string ToString() => $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";

        private int Wrap(int dim)
        {
            var count = (int)Dimensions;
            if (count == 0 || dim < -count || dim >= count)
            {
                throw new System.Runtime.InteropServices.ExternalException(count == 0
                    ? $"Dimension specified as {dim} but tensor has no dimensions"
                    : $"Dimension out of range (expected to be in range of [{-count}, {count - 1}], but got {dim})");
            }

            return dim < 0 ? dim + count : dim;
        }
    }
}
