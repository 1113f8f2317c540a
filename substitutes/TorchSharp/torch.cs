using System.Runtime.InteropServices;
using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Version of the libtorch in use, as in "1.13.0".</summary>
    public static string __version__
    {
        get
        {
            var version = NativeMethods.shim_version();
            return $"{version / 10000}.{version / 100 % 100}.{version % 100}";
        }
    }

    /// <summary>Throws what the last failing native call on this thread reported.</summary>
    /// <exception cref="ExternalException">libtorch's own message.</exception>
    public static unsafe void CheckForErrors()
    {
        var message = NativeMethods.shim_last_error();
        if (message != null)
        {
            throw new ExternalException(Marshal.PtrToStringUTF8((nint)message));
        }
    }
}
