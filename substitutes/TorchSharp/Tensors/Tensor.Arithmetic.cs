using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Operator AddOp = new("add", "Tensor");
        private static readonly Operator AddInPlaceOp = new("add_", "Tensor");
        private static readonly Operator AddScalarOp = new("add", "Scalar");
        private static readonly Operator AddScalarInPlaceOp = new("add_", "Scalar");
        private static readonly Operator SubOp = new("sub", "Tensor");
        private static readonly Operator SubInPlaceOp = new("sub_", "Tensor");
        private static readonly Operator SubScalarOp = new("sub", "Scalar");
        private static readonly Operator SubScalarInPlaceOp = new("sub_", "Scalar");
        private static readonly Operator MulOp = new("mul", "Tensor");
        private static readonly Operator MulInPlaceOp = new("mul_", "Tensor");
        private static readonly Operator MulScalarOp = new("mul", "Scalar");
        private static readonly Operator MulScalarInPlaceOp = new("mul_", "Scalar");
        private static readonly Operator DivOp = new("div", "Tensor_mode");
        private static readonly Operator DivInPlaceOp = new("div_", "Tensor_mode");
        private static readonly Operator DivScalarOp = new("div", "Scalar_mode");
        private static readonly Operator DivScalarInPlaceOp = new("div_", "Scalar_mode");
        private static readonly Operator RemainderOp = new("remainder", "Tensor");
        private static readonly Operator RemainderScalarOp = new("remainder", "Scalar");
        private static readonly Operator PowOp = new("pow", "Tensor_Tensor");
        private static readonly Operator PowInPlaceOp = new("pow_", "Tensor");
        private static readonly Operator PowScalarOp = new("pow", "Tensor_Scalar");
        private static readonly Operator PowScalarInPlaceOp = new("pow_", "Scalar");
        private static readonly Operator AddcmulOp = new("addcmul");
        private static readonly Operator AddcmulInPlaceOp = new("addcmul_");
        private static readonly Operator AddcdivOp = new("addcdiv");
        private static readonly Operator AddcdivInPlaceOp = new("addcdiv_");

        public Tensor add(Tensor target) => AddOp.Call(this, target);

        /// <summary>This plus <paramref name="alpha"/> times <paramref name="target"/>.</summary>
        public Tensor add(Tensor target, Scalar alpha) => AddOp.Call(this, target, alpha);

        public Tensor add(Scalar scalar) => AddScalarOp.Call(this, scalar);

        public Tensor add(Scalar scalar, Scalar alpha) => AddScalarOp.Call(this, scalar, alpha);

        public Tensor add_(Tensor target) => AddInPlaceOp.Change(this, target);

        public Tensor add_(Tensor target, Scalar alpha) => AddInPlaceOp.Change(this, target, alpha);

        public Tensor add_(Scalar scalar) => AddScalarInPlaceOp.Change(this, scalar);

        public Tensor add_(Scalar scalar, Scalar alpha) => AddScalarInPlaceOp.Change(this, scalar, alpha);

        public Tensor sub(Tensor target) => SubOp.Call(this, target);

        public Tensor sub(Scalar target) => SubScalarOp.Call(this, target);

        public Tensor sub_(Tensor target) => SubInPlaceOp.Change(this, target);

        public Tensor sub_(Scalar target) => SubScalarInPlaceOp.Change(this, target);

        public Tensor mul(Tensor target) => MulOp.Call(this, target);

        public Tensor mul(Scalar target) => MulScalarOp.Call(this, target);

        public Tensor mul_(Tensor target) => MulInPlaceOp.Change(this, target);

        public Tensor mul_(Scalar target) => MulScalarInPlaceOp.Change(this, target);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Div(DivOp, target, rounding_mode);

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Div(DivScalarOp, target, rounding_mode);

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => DivInPlace(DivInPlaceOp, target, rounding_mode);

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => DivInPlace(DivScalarInPlaceOp, target, rounding_mode);

        /// <summary>What is left after dividing, with the divisor's sign.</summary>
        public Tensor remainder(Tensor target) => RemainderOp.Call(this, target);

        public Tensor remainder(Scalar scalar) => RemainderScalarOp.Call(this, scalar);

        public Tensor pow(Tensor exponent) => PowOp.Call(this, exponent);

        public Tensor pow(Scalar exponent) => PowScalarOp.Call(this, exponent);

        public Tensor pow_(Tensor exponent) => PowInPlaceOp.Change(this, exponent);

        public Tensor pow_(Scalar exponent) => PowScalarInPlaceOp.Change(this, exponent);

        /// <summary>This plus <paramref name="value"/> times <paramref name="tensor1"/> times <paramref name="tensor2"/>.</summary>
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => AddcmulOp.Call(this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => AddcmulInPlaceOp.Change(this, tensor1, tensor2, value);

        /// <summary>This plus the quotient of <paramref name="tensor1"/> and <paramref name="tensor2"/>.</summary>
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => AddcdivOp.Call(this, tensor1, tensor2);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => AddcdivOp.Call(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => AddcdivInPlaceOp.Change(this, tensor1, tensor2);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => AddcdivInPlaceOp.Change(this, tensor1, tensor2, value);

        private static ReadOnlySpan<byte> NameOf(RoundingMode mode) => mode switch
        {
            RoundingMode.trunc => "trunc"u8,
            RoundingMode.floor => "floor"u8,
            _ => default,
        };

        private unsafe Tensor Div(Operator divide, Argument divisor, RoundingMode mode)
        {
            fixed (byte* name = NameOf(mode))
            {
                return divide.Call(this, divisor, name == null ? Argument.None : Argument.Text(name, NameOf(mode).Length));
            }
        }

        private unsafe Tensor DivInPlace(Operator divide, Argument divisor, RoundingMode mode)
        {
            fixed (byte* name = NameOf(mode))
            {
                return divide.Change(this, divisor, name == null ? Argument.None : Argument.Text(name, NameOf(mode).Length));
            }
        }
    }
}
