using TorchSharp.PInvoke;

namespace TorchSharp;

/// <summary>Sets the thread's gradient mode and restores the previous one when disposed.</summary>
internal sealed class GradientMode : IDisposable
{
    private readonly int _previous = NativeMethods.shim_grad_mode();

    public GradientMode(bool enabled) => NativeMethods.shim_set_grad_mode(enabled ? 1 : 0);

    public void Dispose() => NativeMethods.shim_set_grad_mode(_previous);
}
