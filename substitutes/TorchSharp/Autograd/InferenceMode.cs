using TorchSharp.PInvoke;

namespace TorchSharp;

/// <summary>Enters or leaves inference mode on this thread until disposed. No finalizer: the mode belongs to the thread that entered it.</summary>
internal sealed unsafe class InferenceMode : IDisposable
{
    private nint _guard;

    public InferenceMode(bool mode)
    {
        nint guard;
        NativeMethods.Check(NativeMethods.shim_inference_enter(mode ? 1 : 0, &guard));
        _guard = guard;
    }

    public void Dispose()
    {
        if (_guard != 0)
        {
            NativeMethods.shim_inference_leave(_guard);
            _guard = 0;
        }
    }
}
