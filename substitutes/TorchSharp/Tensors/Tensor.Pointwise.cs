using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Operator AbsOp = new("abs");
        private static readonly Operator AbsInPlaceOp = new("abs_");
        private static readonly Operator CeilOp = new("ceil");
        private static readonly Operator CeilInPlaceOp = new("ceil_");
        private static readonly Operator CosOp = new("cos");
        private static readonly Operator CosInPlaceOp = new("cos_");
        private static readonly Operator ErfOp = new("erf");
        private static readonly Operator ErfInPlaceOp = new("erf_");
        private static readonly Operator ExpOp = new("exp");
        private static readonly Operator ExpInPlaceOp = new("exp_");
        private static readonly Operator Expm1Op = new("expm1");
        private static readonly Operator Expm1InPlaceOp = new("expm1_");
        private static readonly Operator FloorOp = new("floor");
        private static readonly Operator FloorInPlaceOp = new("floor_");
        private static readonly Operator LogOp = new("log");
        private static readonly Operator LogInPlaceOp = new("log_");
        private static readonly Operator Log10Op = new("log10");
        private static readonly Operator Log10InPlaceOp = new("log10_");
        private static readonly Operator Log1pOp = new("log1p");
        private static readonly Operator Log1pInPlaceOp = new("log1p_");
        private static readonly Operator Log2Op = new("log2");
        private static readonly Operator Log2InPlaceOp = new("log2_");
        private static readonly Operator NegOp = new("neg");
        private static readonly Operator NegInPlaceOp = new("neg_");
        private static readonly Operator ReciprocalOp = new("reciprocal");
        private static readonly Operator ReciprocalInPlaceOp = new("reciprocal_");
        private static readonly Operator RsqrtOp = new("rsqrt");
        private static readonly Operator RsqrtInPlaceOp = new("rsqrt_");
        private static readonly Operator SignOp = new("sign");
        private static readonly Operator SignInPlaceOp = new("sign_");
        private static readonly Operator SinOp = new("sin");
        private static readonly Operator SinInPlaceOp = new("sin_");
        private static readonly Operator SqrtOp = new("sqrt");
        private static readonly Operator SqrtInPlaceOp = new("sqrt_");
        private static readonly Operator TruncOp = new("trunc");
        private static readonly Operator TruncInPlaceOp = new("trunc_");
        private static readonly Operator SquareOp = new("square");
        private static readonly Operator RoundOp = new("round", "decimals");
        private static readonly Operator RoundInPlaceOp = new("round_", "decimals");
        private static readonly Operator IsFiniteOp = new("isfinite");
        private static readonly Operator IsNanOp = new("isnan");
        private static readonly Operator IsInfOp = new("isinf");
        private static readonly Operator ClampOp = new("clamp");
        private static readonly Operator ClampInPlaceOp = new("clamp_");
        private static readonly Operator ClampTensorOp = new("clamp", "Tensor");
        private static readonly Operator ClampTensorInPlaceOp = new("clamp_", "Tensor");
        private static readonly Operator LerpOp = new("lerp", "Tensor");
        private static readonly Operator LerpInPlaceOp = new("lerp_", "Tensor");
        private static readonly Operator NanToNumOp = new("nan_to_num");

        public Tensor abs() => AbsOp.Call(this);

        public Tensor abs_() => AbsInPlaceOp.Change(this);

        public Tensor ceil() => CeilOp.Call(this);

        public Tensor ceil_() => CeilInPlaceOp.Change(this);

        public Tensor cos() => CosOp.Call(this);

        public Tensor cos_() => CosInPlaceOp.Change(this);

        public Tensor erf() => ErfOp.Call(this);

        public Tensor erf_() => ErfInPlaceOp.Change(this);

        public Tensor exp() => ExpOp.Call(this);

        public Tensor exp_() => ExpInPlaceOp.Change(this);

        public Tensor expm1() => Expm1Op.Call(this);

        public Tensor expm1_() => Expm1InPlaceOp.Change(this);

        public Tensor floor() => FloorOp.Call(this);

        public Tensor floor_() => FloorInPlaceOp.Change(this);

        public Tensor log() => LogOp.Call(this);

        public Tensor log_() => LogInPlaceOp.Change(this);

        public Tensor log10() => Log10Op.Call(this);

        public Tensor log10_() => Log10InPlaceOp.Change(this);

        public Tensor log1p() => Log1pOp.Call(this);

        public Tensor log1p_() => Log1pInPlaceOp.Change(this);

        public Tensor log2() => Log2Op.Call(this);

        public Tensor log2_() => Log2InPlaceOp.Change(this);

        public Tensor neg() => NegOp.Call(this);

        public Tensor neg_() => NegInPlaceOp.Change(this);

        public Tensor reciprocal() => ReciprocalOp.Call(this);

        public Tensor reciprocal_() => ReciprocalInPlaceOp.Change(this);

        public Tensor rsqrt() => RsqrtOp.Call(this);

        public Tensor rsqrt_() => RsqrtInPlaceOp.Change(this);

        public Tensor sign() => SignOp.Call(this);

        public Tensor sign_() => SignInPlaceOp.Change(this);

        public Tensor sin() => SinOp.Call(this);

        public Tensor sin_() => SinInPlaceOp.Change(this);

        public Tensor sqrt() => SqrtOp.Call(this);

        public Tensor sqrt_() => SqrtInPlaceOp.Change(this);

        public Tensor trunc() => TruncOp.Call(this);

        public Tensor trunc_() => TruncInPlaceOp.Change(this);

        public Tensor negative() => neg();

        public Tensor square() => SquareOp.Call(this);

        public Tensor round(long decimals = 0) => RoundOp.Call(this, decimals);

        public Tensor round_(long decimals = 0) => RoundInPlaceOp.Change(this, decimals);

        public Tensor isfinite() => IsFiniteOp.Call(this);

        public Tensor isnan() => IsNanOp.Call(this);

        public Tensor isinf() => IsInfOp.Call(this);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => ClampOp.Call(this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => ClampInPlaceOp.Change(this, min, max);

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => ClampTensorOp.Call(this, min, max);

        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => ClampTensorInPlaceOp.Change(this, min, max);

        public Tensor clamp_min(Scalar min) => clamp(min);

        public Tensor clamp_min_(Scalar min) => clamp_(min);

        public Tensor clamp_max(Scalar max) => clamp(max: max);

        public Tensor clamp_max_(Scalar max) => clamp_(max: max);

        public Tensor lerp(Tensor end, Tensor weight) => LerpOp.Call(this, end, weight);

        public Tensor lerp_(Tensor end, Tensor weight) => LerpInPlaceOp.Change(this, end, weight);

        public Tensor nan_to_num(double nan = 0d, double? posinf = null, double? neginf = null) => NanToNumOp.Call(this, nan, posinf, neginf);
    }
}
