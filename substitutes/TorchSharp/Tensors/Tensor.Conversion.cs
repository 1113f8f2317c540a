using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Operator ToDeviceOp = new("to", "device");
        private static readonly Operator ToTypeOp = new("to", "dtype");
        private static readonly Operator ToLayoutOp = new("to", "dtype_layout");
        private static readonly Operator CloneOp = new("clone");
        private static readonly Operator ContiguousOp = new("contiguous");
        private static readonly Operator CopyInPlaceOp = new("copy_");
        private static readonly Operator FillInPlaceOp = new("fill_", "Scalar");
        private static readonly Operator ZeroInPlaceOp = new("zero_");
        private static readonly Operator SetInPlaceOp = new("set_", "source_Tensor");
        private static readonly Operator PinMemoryOp = new("pin_memory");
        private static readonly Operator IsPinnedOp = new("is_pinned");
        private static readonly Operator ZerosLikeOp = new("zeros_like");
        private static readonly Operator OnesLikeOp = new("ones_like");
        private static readonly Operator EmptyLikeOp = new("empty_like");
        private static readonly Operator FullLikeOp = new("full_like");
        private static readonly Operator RandLikeOp = new("rand_like");
        private static readonly Operator RandnLikeOp = new("randn_like");

        /// <summary>The same elements with another type; the same native tensor if that is its type already and no copy is asked for.</summary>
        /// <param name="disposeAfter">Disposes this tensor.</param>
        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Replace(ToTypeOp.Call(this, type, non_blocking, copy), disposeAfter);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to_type(type, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Replace(ToDeviceOp.Call(this, InitializeDevice(device), type, non_blocking, copy), disposeAfter);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            InitializeDevice(device);
            return Replace(ToLayoutOp.Call(this, Argument.None, Argument.None, device, Argument.None, non_blocking, copy), disposeAfter);
        }

        /// <summary>With the other tensor's type and device.</summary>
        public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype, other.device, non_blocking: non_blocking);

        public Tensor type(ScalarType dtype) => to(dtype);

        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);

        public Tensor cpu() => to(CPU);

        /// <exception cref="ArgumentException">The device is no CUDA device.</exception>
        /// <exception cref="InvalidOperationException">There is no CUDA device.</exception>
        public Tensor cuda(Device? device = null, bool non_blocking = false)
        {
            if (device is not null && device.type != DeviceType.CUDA)
            {
                throw new ArgumentException("Not a CUDA device.", nameof(device));
            }

            return to(device ?? CUDA, non_blocking: non_blocking);
        }

        public Tensor @byte() => to_type(ScalarType.Byte);

        public Tensor @char() => to_type(ScalarType.Int8);

        public Tensor @short() => to_type(ScalarType.Int16);

        public Tensor @int() => to_type(ScalarType.Int32);

        public Tensor @long() => to_type(ScalarType.Int64);

        public Tensor @bool() => to_type(ScalarType.Bool);

        public Tensor half() => to_type(ScalarType.Float16);

        public Tensor bfloat16() => to_type(ScalarType.BFloat16);

        public Tensor @float() => to_type(ScalarType.Float32);

        public Tensor @double() => to_type(ScalarType.Float64);

        public Tensor clone() => CloneOp.Call(this);

        public Tensor contiguous() => ContiguousOp.Call(this);

        /// <summary>Page-locked memory, from which copies to a CUDA device may run asynchronously.</summary>
        public Tensor pin_memory() => PinMemoryOp.Call(this);

        public bool is_pinned() => IsPinnedOp.CallBool(this);

        /// <summary>Overwrites the elements with another tensor's, converted and broadcast as needed.</summary>
        public Tensor copy_(Tensor source, bool nonBlocking = false) => CopyInPlaceOp.Change(this, source, nonBlocking);

        public Tensor fill_(Scalar value) => FillInPlaceOp.Change(this, value);

        public Tensor zero_() => ZeroInPlaceOp.Change(this);

        /// <summary>Makes this tensor a view of the other's memory, with its shape.</summary>
        public Tensor set_(Tensor source) => SetInPlaceOp.Change(this, source);

        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            ZerosLikeOp.Call(this, dtype, Argument.None, device).requires_grad_(requires_grad);

        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            OnesLikeOp.Call(this, dtype, Argument.None, device).requires_grad_(requires_grad);

        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            EmptyLikeOp.Call(this, dtype, Argument.None, device).requires_grad_(requires_grad);

        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            FullLikeOp.Call(this, value, dtype, Argument.None, device).requires_grad_(requires_grad);

        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            RandLikeOp.Call(this, dtype, Argument.None, device).requires_grad_(requires_grad);

        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            RandnLikeOp.Call(this, dtype, Argument.None, device).requires_grad_(requires_grad);

        private Tensor Replace(Tensor result, bool disposeAfter)
        {
            if (disposeAfter)
            {
                Dispose();
            }

            return result;
        }
    }
}
