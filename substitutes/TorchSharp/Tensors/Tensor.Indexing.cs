using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Operator IndexOp = new("index", "Tensor");
        private static readonly Operator IndexPutInPlaceOp = new("index_put_");
        private static readonly Operator IndexSelectOp = new("index_select");
        private static readonly Operator GatherOp = new("gather");
        private static readonly Operator ScatterOp = new("scatter", "src");
        private static readonly Operator ScatterInPlaceOp = new("scatter_", "src");
        private static readonly Operator ScatterAddInPlaceOp = new("scatter_add_");
        private static readonly Operator IndexAddInPlaceOp = new("index_add_");
        private static readonly Operator MaskedFillOp = new("masked_fill", "Scalar");
        private static readonly Operator MaskedFillInPlaceOp = new("masked_fill_", "Scalar");
        private static readonly Operator MaskedSelectOp = new("masked_select");
        private static readonly Operator NonzeroOp = new("nonzero");

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Assign(value, [i1]);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => Select([i1, i2]);
            set => Assign(value, [i1, i2]);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => Select([i1, i2, i3]);
            set => Assign(value, [i1, i2, i3]);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => Select([i1, i2, i3, i4]);
            set => Assign(value, [i1, i2, i3, i4]);
        }

        /// <summary>A view where all indices are numbers and slices, a copy where tensors index.</summary>
        public Tensor index(params TensorIndex[] indices)
        {
            var (view, tensors, owned) = Resolve(indices);
            if (tensors is null)
            {
                return view;
            }

            var result = view.Gather(tensors);
            if (owned)
            {
                view.Dispose();
            }

            return result;
        }

        public Tensor index(params Tensor[] indices) => Gather(indices);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            var (view, tensors, owned) = Resolve(indices);
            if (tensors is null)
            {
                view.copy_(value);
            }
            else
            {
                view.Put(tensors, value, accumulate: false);
            }

            if (owned)
            {
                view.Dispose();
            }

            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => Put(indices, value, accumulate: false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) => Put(indices, value, accumulate);

        /// <summary>The slices along a dimension that a vector of Int32 or Int64 names, in its order.</summary>
        public Tensor index_select(long dim, Tensor index) => IndexSelectOp.Call(this, dim, index);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => IndexAddInPlaceOp.Change(this, dim, index, source, alpha);

        public Tensor gather(long dim, Tensor index) => GatherOp.Call(this, dim, index);

        public Tensor scatter(long dim, Tensor index, Tensor src) => ScatterOp.Call(this, dim, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src) => ScatterInPlaceOp.Change(this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => ScatterAddInPlaceOp.Change(this, dim, index, src);

        public Tensor masked_fill(Tensor mask, Scalar value) => MaskedFillOp.Call(this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) => MaskedFillInPlaceOp.Change(this, mask, value);

        public Tensor masked_select(Tensor mask) => MaskedSelectOp.Call(this, mask);

        public Tensor nonzero() => NonzeroOp.Call(this);

        private unsafe Tensor Gather(Tensor?[] indices)
        {
            var handles = Array.ConvertAll(indices, index => index is null ? 0 : index.Handle);
            fixed (nint* pointer = handles)
            {
                return IndexOp.Call(this, Argument.OptionalTensors(pointer, handles.Length, indices));
            }
        }

        private unsafe Tensor Put(Tensor?[] indices, Tensor value, bool accumulate)
        {
            var handles = Array.ConvertAll(indices, index => index is null ? 0 : index.Handle);
            fixed (nint* pointer = handles)
            {
                return IndexPutInPlaceOp.Change(this, Argument.OptionalTensors(pointer, handles.Length, indices), value, accumulate);
            }
        }

        private Tensor Select(ReadOnlySpan<long> indices)
        {
            var view = select(0, indices[0]);
            foreach (var index in indices[1..])
            {
                var outer = view;
                view = outer.select(0, index);
                outer.Dispose();
            }

            return view;
        }

        private void Assign(Tensor value, ReadOnlySpan<long> indices)
        {
            using var view = Select(indices);
            view.copy_(value);
        }

        // Numbers, slices, new dimensions and ellipses make a view; the tensors that remain index that view, null where a dimension is taken whole.
        private (Tensor View, Tensor?[]? Tensors, bool Owned) Resolve(TensorIndex[] indices)
        {
            var consumed = indices.Sum(index => index.Dimensions);
            var steps = new List<Tensor> { this };
            var tensors = new List<Tensor?>();
            var dim = 0;
            foreach (var index in indices)
            {
                var current = steps[^1];
                switch (index.Form)
                {
                    case TensorIndexForm.Single:
                        steps.Add(current.select(dim, index.Start ?? 0));
                        break;
                    case TensorIndexForm.Slice:
                        steps.Add(SliceOp.Call(current, dim++, index.Start, index.Stop, index.Step ?? 1));
                        tensors.Add(null);
                        break;
                    case TensorIndexForm.None:
                        steps.Add(current.unsqueeze(dim++));
                        tensors.Add(null);
                        break;
                    case TensorIndexForm.Ellipsis:
                        var whole = (int)Dimensions - consumed;
                        dim += whole;
                        tensors.AddRange(Enumerable.Repeat<Tensor?>(null, whole));
                        break;
                    default:
                        tensors.Add(index.Values);
                        dim += index.Dimensions;
                        break;
                }
            }

            foreach (var step in steps.Skip(1).SkipLast(1))
            {
                step.Dispose();
            }

            var anyTensor = tensors.Exists(tensor => tensor is not null);
            var view = steps.Count == 1 && !anyTensor ? alias() : steps[^1];
            return (view, anyTensor ? [.. tensors] : null, Owned: !ReferenceEquals(view, this));
        }
    }
}
