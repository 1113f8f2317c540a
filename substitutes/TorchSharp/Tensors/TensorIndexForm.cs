namespace TorchSharp;

internal enum TensorIndexForm
{
    None,
    Single,
    Slice,
    Ellipsis,
    Tensor,
}
