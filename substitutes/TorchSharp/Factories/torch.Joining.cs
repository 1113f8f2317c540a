using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    private static readonly Operator CatOp = new("cat");
    private static readonly Operator StackOp = new("stack");

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Join(CatOp, TensorList.Handles(tensors), dim, tensors);

    public static Tensor cat(Tensor[] tensors, long dim = 0) => Join(CatOp, TensorList.Handles(tensors), dim, tensors);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat(tensors.ToArray(), dim);

    /// <summary>Joins tensors of one shape along a new dimension.</summary>
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0)
    {
        var list = tensors.ToArray();
        return Join(StackOp, TensorList.Handles(list), dim, list);
    }

    private static unsafe Tensor Join(Operator op, nint[] handles, long dim, object owners)
    {
        fixed (nint* pointer = handles)
        {
            return op.Call(Argument.Tensors(pointer, handles.Length, owners), dim);
        }
    }
}
