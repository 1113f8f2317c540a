using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Serverless.Trainer.Modules;

/// <summary>Moves flat float32 values between a tensor on whatever device and host memory. A tensor on the host is read and written in place.</summary>
internal static class HostTransfer
{
    /// <summary>Sets a tensor's values.</summary>
    /// <param name="source">As many values as the tensor has.</param>
    /// <param name="tensor">A contiguous float32 tensor.</param>
    /// <param name="staging">Page-locked host memory as large as the tensor, for a faster way to a GPU.</param>
    public static void Write(ReadOnlySpan<float> source, Tensor tensor, Tensor? staging = null)
    {
        if (tensor.device_type == DeviceType.CPU)
        {
            source.CopyTo(Floats(tensor));
            return;
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var host = staging ?? empty(tensor.shape, ScalarType.Float32);
        source.CopyTo(Floats(host));
        tensor.copy_(host);
    }

    /// <summary>Copies a tensor's values.</summary>
    /// <param name="tensor">A contiguous float32 tensor.</param>
    /// <param name="destination">Room for as many values as the tensor has.</param>
    /// <param name="staging">As for <see cref="Write"/>.</param>
    public static void Read(Tensor tensor, Span<float> destination, Tensor? staging = null)
    {
        using var scope = NewDisposeScope();
        View(tensor, staging ?? (tensor.device_type == DeviceType.CPU ? null : empty(tensor.shape, ScalarType.Float32))).CopyTo(destination);
    }

    /// <summary>A look at a tensor's values: at the tensor itself where it is on the host, else at the staging memory, which is filled from it.</summary>
    /// <param name="tensor">A contiguous float32 tensor.</param>
    /// <param name="staging">Host memory as large as the tensor; unused where the tensor is on the host.</param>
    public static ReadOnlySpan<float> View(Tensor tensor, Tensor? staging)
    {
        if (tensor.device_type == DeviceType.CPU)
        {
            return Floats(tensor);
        }

        ArgumentNullException.ThrowIfNull(staging);
        using var noGrad = no_grad();
        staging.copy_(tensor);
        return Floats(staging);
    }

    /// <summary>The values of a contiguous float32 tensor on the host, in place.</summary>
    public static Span<float> Floats(Tensor host) => MemoryMarshal.Cast<byte, float>(host.bytes);
}
