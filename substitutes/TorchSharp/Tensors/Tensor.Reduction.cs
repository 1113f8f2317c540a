using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Operator SumOp = new("sum");
        private static readonly Operator SumDimOp = new("sum", "dim_IntList");
        private static readonly Operator MeanOp = new("mean");
        private static readonly Operator MeanDimOp = new("mean", "dim");
        private static readonly Operator ProdOp = new("prod");
        private static readonly Operator ProdDimOp = new("prod", "dim_int");
        private static readonly Operator MaxOp = new("max");
        private static readonly Operator MaxDimOp = new("max", "dim");
        private static readonly Operator MinOp = new("min");
        private static readonly Operator MinDimOp = new("min", "dim");
        private static readonly Operator AmaxOp = new("amax");
        private static readonly Operator AminOp = new("amin");
        private static readonly Operator ArgmaxOp = new("argmax");
        private static readonly Operator ArgminOp = new("argmin");
        private static readonly Operator AllOp = new("all");
        private static readonly Operator AllDimOp = new("all", "dim");
        private static readonly Operator AnyOp = new("any");
        private static readonly Operator AnyDimOp = new("any", "dim");
        private static readonly Operator NormOp = new("norm", "Scalar");
        private static readonly Operator NormDimOp = new("norm", "ScalarOpt_dim");
        private static readonly Operator VarOp = new("var");
        private static readonly Operator VarDimOp = new("var", "dim");
        private static readonly Operator StdOp = new("std");
        private static readonly Operator StdDimOp = new("std", "dim");
        private static readonly Operator LogsumexpOp = new("logsumexp");
        private static readonly Operator CumsumOp = new("cumsum");
        private static readonly Operator CountNonzeroOp = new("count_nonzero");
        private static readonly Operator CountNonzeroDimOp = new("count_nonzero", "dim_IntList");
        private static readonly Operator TopkOp = new("topk");
        private static readonly Operator SortOp = new("sort", "stable");
        private static readonly Operator ArgsortOp = new("argsort");

        /// <param name="type">The type to add in; by default that of the elements, Int64 for integers.</param>
        public Tensor sum(ScalarType? type = null) => SumOp.Call(this, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1], keepdim, type);

        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1, dim2], keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => sum(dim.AsSpan(), keepdim, type);

        public unsafe Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null)
        {
            fixed (long* dims = dim)
            {
                return SumDimOp.Call(this, Argument.Ints(dims, dim.Length), keepdim, type);
            }
        }

        public Tensor mean() => MeanOp.Call(this);

        public unsafe Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null)
        {
            fixed (long* dims = dimensions)
            {
                return MeanDimOp.Call(this, Argument.Ints(dims, dimensions.Length), keepdim, type);
            }
        }

        public Tensor prod(ScalarType? type = null) => ProdOp.Call(this, type);

        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => ProdDimOp.Call(this, dim, keepdim, type);

        public Tensor max() => MaxOp.Call(this);

        public Tensor max(Tensor other) => maximum(other);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => MaxDimOp.Call2(this, dim, keepdim);

        public Tensor min() => MinOp.Call(this);

        public Tensor min(Tensor other) => minimum(other);

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => MinDimOp.Call2(this, dim, keepdim);

        public unsafe Tensor amax(params long[] dims)
        {
            fixed (long* pointer = dims)
            {
                return AmaxOp.Call(this, Argument.Ints(pointer, dims.Length));
            }
        }

        public unsafe Tensor amin(params long[] dims)
        {
            fixed (long* pointer = dims)
            {
                return AminOp.Call(this, Argument.Ints(pointer, dims.Length));
            }
        }

        /// <summary>Index of the largest element of the flattened tensor.</summary>
        public Tensor argmax() => ArgmaxOp.Call(this);

        public Tensor argmax(long dim, bool keepdim = false) => ArgmaxOp.Call(this, dim, keepdim);

        public Tensor argmin() => ArgminOp.Call(this);

        public Tensor argmin(long dim, bool keepdim = false) => ArgminOp.Call(this, dim, keepdim);

        public Tensor all() => AllOp.Call(this);

        public Tensor all(long dim, bool keepdim = false) => AllDimOp.Call(this, dim, keepdim);

        public Tensor any() => AnyOp.Call(this);

        public Tensor any(long dim, bool keepdim = false) => AnyDimOp.Call(this, dim, keepdim);

        public Tensor norm(float p = 2.0f) => NormOp.Call(this, p);

        public unsafe Tensor norm(int dim, bool keepdim = false, float p = 2.0f)
        {
            long dims = dim;
            return NormDimOp.Call(this, p, Argument.Ints(&dims, 1), keepdim);
        }

        public Tensor var(bool unbiased = true) => VarOp.Call(this, unbiased);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim], unbiased, keepdim, type);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            OverDimensions(VarDimOp, dimensions, unbiased, keepdim, type);

        public Tensor std(bool unbiased = true) => StdOp.Call(this, unbiased);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim], unbiased, keepdim, type);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            OverDimensions(StdDimOp, dimensions, unbiased, keepdim, type);

        public unsafe Tensor logsumexp(long dim, bool keepdim = false) => LogsumexpOp.Call(this, Argument.Ints(&dim, 1), keepdim);

        public Tensor cumsum(long dim, ScalarType? type = null) => CumsumOp.Call(this, dim, type);

        public unsafe Tensor count_nonzero(long[]? dims = null)
        {
            if (dims is null)
            {
                return CountNonzeroOp.Call(this);
            }

            fixed (long* pointer = dims)
            {
                return CountNonzeroDimOp.Call(this, Argument.Ints(pointer, dims.Length));
            }
        }

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) => TopkOp.Call2(this, k, dim, largest, sorted);

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) => SortOp.Call2(this, stable, dim, descending);

        public Tensor argsort(long dim = -1, bool descending = false) => ArgsortOp.Call(this, dim, descending);

        private unsafe Tensor OverDimensions(Operator reduce, long[] dimensions, bool unbiased, bool keepdim, ScalarType? type)
        {
            fixed (long* dims = dimensions)
            {
                var result = reduce.Call(this, Argument.Ints(dims, dimensions.Length), unbiased, keepdim);
                return type is { } wanted && wanted != result.dtype ? result.to_type(wanted, disposeAfter: true) : result;
            }
        }
    }
}
