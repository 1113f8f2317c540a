using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Operator ViewOp = new("view");
        private static readonly Operator ReshapeOp = new("reshape");
        private static readonly Operator FlattenOp = new("flatten", "using_ints");
        private static readonly Operator UnflattenOp = new("unflatten", "int");
        private static readonly Operator AsStridedOp = new("as_strided");
        private static readonly Operator NarrowOp = new("narrow");
        private static readonly Operator SelectOp = new("select", "int");
        private static readonly Operator SliceOp = new("slice", "Tensor");
        private static readonly Operator TOp = new("t");
        private static readonly Operator NumpyTOp = new("numpy_T");
        private static readonly Operator TransposeOp = new("transpose", "int");
        private static readonly Operator PermuteOp = new("permute");
        private static readonly Operator SqueezeOp = new("squeeze");
        private static readonly Operator SqueezeDimOp = new("squeeze", "dim");
        private static readonly Operator UnsqueezeOp = new("unsqueeze");
        private static readonly Operator ExpandOp = new("expand");
        private static readonly Operator ExpandAsOp = new("expand_as");
        private static readonly Operator RepeatOp = new("repeat");
        private static readonly Operator SplitOp = new("split", "Tensor");
        private static readonly Operator SplitSizesOp = new("split_with_sizes");
        private static readonly Operator ChunkOp = new("chunk");
        private static readonly Operator UnbindOp = new("unbind", "int");
        private static readonly Operator FlipOp = new("flip");

        /// <summary>The transpose of a matrix; dimensions in reverse order in general.</summary>
        public Tensor T => NumpyTOp.Call(this);

        /// <summary>The same memory with another shape; -1 stands for the size that fits.</summary>
        public Tensor view(params long[] shape) => OverInts(ViewOp, shape);

        public Tensor view_as(Tensor other) => view(other.shape);

        /// <summary>A view where strides allow, else a copy.</summary>
        public Tensor reshape(params long[] shape) => OverInts(ReshapeOp, shape);

        public Tensor ravel() => reshape(-1);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => FlattenOp.Call(this, start_dim, end_dim);

        public unsafe Tensor unflatten(long dim, params long[] sizes)
        {
            fixed (long* pointer = sizes)
            {
                return UnflattenOp.Call(this, dim, Argument.Ints(pointer, sizes.Length));
            }
        }

        /// <summary>A view with sizes, strides and offset counted in elements of the underlying memory.</summary>
        public unsafe Tensor as_strided(long[] size, long[] strides, long storageOffset = 0L)
        {
            fixed (long* sizePointer = size, stridePointer = strides)
            {
                return AsStridedOp.Call(this, Argument.Ints(sizePointer, size.Length), Argument.Ints(stridePointer, strides.Length), storageOffset);
            }
        }

        public Tensor narrow(long dim, long start, long length) => NarrowOp.Call(this, dim, start, length);

        public Tensor select(long dim, long index) => SelectOp.Call(this, dim, index);

        /// <summary>Elements <paramref name="start"/> up to, not including, <paramref name="finish"/>.</summary>
        public Tensor slice(long dim, long start, long finish, long step) => SliceOp.Call(this, dim, start, finish, step);

        public Tensor t() => TOp.Call(this);

        public Tensor transpose(long dim0, long dim1) => TransposeOp.Call(this, dim0, dim1);

        public Tensor permute(params long[] permutation) => OverInts(PermuteOp, permutation);

        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());

        public Tensor squeeze(long? dim = null) => dim is { } one ? SqueezeDimOp.Call(this, one) : SqueezeOp.Call(this);

        public Tensor unsqueeze(long dim) => UnsqueezeOp.Call(this, dim);

        public Tensor expand(params long[] sizes) => OverInts(ExpandOp, sizes);

        public unsafe Tensor expand(long[] sizes, bool isImplicit = false)
        {
            fixed (long* pointer = sizes)
            {
                return ExpandOp.Call(this, Argument.Ints(pointer, sizes.Length), isImplicit);
            }
        }

        public Tensor expand_as(Tensor other) => ExpandAsOp.Call(this, other);

        public Tensor repeat(params long[] sizes) => OverInts(RepeatOp, sizes);

        public Tensor flip(params long[] dims) => OverInts(FlipOp, dims);

        /// <summary>Views of <paramref name="size"/> along a dimension; the last may be smaller.</summary>
        public Tensor[] split(long size, int dim = 0) => SplitOp.CallMany(this, size, dim);

        public unsafe Tensor[] split(long[] sizes, long dim = 0)
        {
            fixed (long* pointer = sizes)
            {
                return SplitSizesOp.CallMany(this, Argument.Ints(pointer, sizes.Length), dim);
            }
        }

        public Tensor[] chunk(long chunks, long dim = 0) => ChunkOp.CallMany(this, chunks, dim);

        public Tensor[] unbind(long dimension = 0) => UnbindOp.CallMany(this, dimension);

        private unsafe Tensor OverInts(Operator op, long[] values)
        {
            fixed (long* pointer = values)
            {
                return op.Call(this, Argument.Ints(pointer, values.Length));
            }
        }
    }
}
