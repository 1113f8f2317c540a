using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Operator DetachOperator = new("detach");
        private static readonly Operator DetachInPlaceOperator = new("detach_");

        public bool requires_grad
        {
            get => NativeMethods.shim_tensor_requires_grad(Handle) != 0;
            set => NativeMethods.Check(NativeMethods.shim_tensor_set_requires_grad(Handle, value ? 1 : 0));
        }

        public unsafe bool is_leaf
        {
            get
            {
                int leaf;
                NativeMethods.Check(NativeMethods.shim_tensor_is_leaf(Handle, &leaf));
                return leaf != 0;
            }
        }

        /// <summary>
        /// What backward accumulated, as a new object at every reading; null before the first backward and after it was set to null. A tensor that is
        /// assigned is accumulated into in place, so it may be a view of a larger one.
        /// </summary>
        public unsafe Tensor? grad
        {
            get
            {
                nint gradient;
                NativeMethods.Check(NativeMethods.shim_tensor_grad(Handle, &gradient));
                return gradient == 0 ? null : new Tensor(gradient);
            }

            set
            {
                NativeMethods.Check(NativeMethods.shim_tensor_set_grad(Handle, value is null ? 0 : value.Handle));
                GC.KeepAlive(value);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>Makes backward fill <see cref="grad"/> although this is not a leaf.</summary>
        public void retain_grad() => NativeMethods.Check(NativeMethods.shim_tensor_retain_grad(Handle));

        public unsafe void backward()
        {
            var handle = Handle;
            NativeMethods.Check(NativeMethods.shim_backward(&handle, 1, null, 0, 0, 0, null, 0));
            GC.KeepAlive(this);
        }

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);

        /// <summary>The same memory outside the graph.</summary>
        public Tensor detach() => DetachOperator.Call(this);

        public Tensor detach_()
        {
            DetachInPlaceOperator.Run(this);
            return this;
        }
    }
}
