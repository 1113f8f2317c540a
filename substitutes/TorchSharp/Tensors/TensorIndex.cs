namespace TorchSharp;

public static partial class torch
{
    /// <summary>How one dimension is indexed: a number, a slice, a tensor of indices or a mask, a new dimension, or all that are left (Ellipsis).</summary>
    public struct TensorIndex
    {
        public static TensorIndex Ellipsis = new() { Form = TensorIndexForm.Ellipsis };

        public static TensorIndex None = new() { Form = TensorIndexForm.None };

        public static TensorIndex Colon = Slice();

        internal TensorIndexForm Form { get; private init; }

        internal long? Start { get; private init; }

        internal long? Stop { get; private init; }

        internal long? Step { get; private init; }

        internal Tensor? Values { get; private init; }

        /// <summary>How many of the tensor's dimensions this index takes up.</summary>
        internal readonly int Dimensions => Form switch
        {
            TensorIndexForm.None or TensorIndexForm.Ellipsis => 0,
            TensorIndexForm.Tensor when Values!.dtype is ScalarType.Bool => (int)Values.ndim,
            _ => 1,
        };

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range.start, range.end);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { Form = TensorIndexForm.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value);

        public static TensorIndex Single(long? index) => new() { Form = TensorIndexForm.Single, Start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { Form = TensorIndexForm.Tensor, Values = tensor };
    }
}
