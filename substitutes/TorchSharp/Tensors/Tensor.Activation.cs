using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Operator ReluOp = new("relu");
        private static readonly Operator ReluInPlaceOp = new("relu_");
        private static readonly Operator GeluOp = new("gelu");
        private static readonly Operator GeluInPlaceOp = new("gelu_");
        private static readonly Operator SiluOp = new("silu");
        private static readonly Operator SiluInPlaceOp = new("silu_");
        private static readonly Operator TanhOp = new("tanh");
        private static readonly Operator TanhInPlaceOp = new("tanh_");
        private static readonly Operator SigmoidOp = new("sigmoid");
        private static readonly Operator SigmoidInPlaceOp = new("sigmoid_");
        private static readonly Operator SoftmaxOp = new("softmax", "int");
        private static readonly Operator LogSoftmaxOp = new("log_softmax", "int");

        public Tensor relu() => ReluOp.Call(this);

        public Tensor relu_() => ReluInPlaceOp.Change(this);

        /// <summary>x times the normal distribution function of x, not the tanh approximation.</summary>
        public Tensor gelu() => GeluOp.Call(this);

        public Tensor gelu_() => GeluInPlaceOp.Change(this);

        public Tensor silu() => SiluOp.Call(this);

        public Tensor silu_() => SiluInPlaceOp.Change(this);

        public Tensor tanh() => TanhOp.Call(this);

        public Tensor tanh_() => TanhInPlaceOp.Change(this);

        public Tensor sigmoid() => SigmoidOp.Call(this);

        public Tensor sigmoid_() => SigmoidInPlaceOp.Change(this);

        public Tensor softmax(long dim, ScalarType? dtype = null) => SoftmaxOp.Call(this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => LogSoftmaxOp.Call(this, dim, dtype);
    }
}
