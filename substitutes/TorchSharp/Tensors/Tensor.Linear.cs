using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Operator MatmulOp = new("matmul");
        private static readonly Operator MmOp = new("mm");
        private static readonly Operator BmmOp = new("bmm");
        private static readonly Operator MvOp = new("mv");
        private static readonly Operator DotOp = new("dot");
        private static readonly Operator OuterOp = new("outer");
        private static readonly Operator AddmmOp = new("addmm");
        private static readonly Operator AddmmInPlaceOp = new("addmm_");
        private static readonly Operator TriuOp = new("triu");
        private static readonly Operator TrilOp = new("tril");
        private static readonly Operator DiagonalOp = new("diagonal");

        public Tensor matmul(Tensor target) => MatmulOp.Call(this, target);

        public Tensor mm(Tensor target) => MmOp.Call(this, target);

        public Tensor bmm(Tensor batch2) => BmmOp.Call(this, batch2);

        public Tensor mv(Tensor target) => MvOp.Call(this, target);

        public Tensor dot(Tensor target) => DotOp.Call(this, target);

        public Tensor outer(Tensor vec2) => OuterOp.Call(this, vec2);

        /// <summary><paramref name="beta"/> times this plus <paramref name="alpha"/> times the product of the matrices.</summary>
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => AddmmOp.Call(this, mat1, mat2, beta, alpha);

        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => AddmmInPlaceOp.Change(this, mat1, mat2, beta, alpha);

        public Tensor triu(long diagonal = 0) => TriuOp.Call(this, diagonal);

        public Tensor tril(long diagonal = 0) => TrilOp.Call(this, diagonal);

        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) => DiagonalOp.Call(this, offset, dim1, dim2);
    }
}
