using System.Runtime.InteropServices;

namespace Serverless.Core.Models;

/// <summary>ONNX Runtime reports about models and machines over the network unless it is told not to before it starts.</summary>
public static partial class OnnxRuntimeTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    private static readonly Lazy<bool> Disabled = new(SetVariable);

    /// <summary>Forbids it in this process and its children; to be called before ONNX Runtime is touched.</summary>
    public static void Disable() => _ = Disabled.Value;

    // The runtime's own environment is a copy that native code never sees, except on Windows.
    private static bool SetVariable()
    {
        Environment.SetEnvironmentVariable(Variable, "1");
        return OperatingSystem.IsWindows() || SetNative(Variable, "1", overwrite: 1) == 0;
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
