namespace TorchSharp.PInvoke;

/// <summary>Lists of tensors as the arrays of handles that native code reads.</summary>
internal static class TensorList
{
    public static nint[] Handles(IList<torch.Tensor>? tensors)
    {
        if (tensors is null || tensors.Count == 0)
        {
            return [];
        }

        var handles = new nint[tensors.Count];
        for (var i = 0; i < handles.Length; i++)
        {
            handles[i] = tensors[i].Handle;
        }

        return handles;
    }

    public static nint[] Handles(ReadOnlySpan<torch.Tensor> tensors)
    {
        var handles = new nint[tensors.Length];
        for (var i = 0; i < handles.Length; i++)
        {
            handles[i] = tensors[i].Handle;
        }

        return handles;
    }
}
