using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator LinearOp = new("linear");
            private static readonly Operator OneHotOp = new("one_hot");

            /// <summary>Input [.., in] times the transpose of the weights [out, in], plus the bias [out].</summary>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => LinearOp.Call(input, weights, bias);

            /// <summary>For every class index a vector that is one there and zero elsewhere.</summary>
            public static Tensor one_hot(Tensor x, long num_classes = -1) => OneHotOp.Call(x, num_classes);
        }
    }
}
