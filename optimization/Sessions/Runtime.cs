using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Models;

namespace Serverless.Optimization.Sessions;

/// <summary>ONNX Runtime in this process.</summary>
internal static class Runtime
{
    private static readonly Lazy<OrtEnv> Environment = new(Start);

    /// <summary>Its version.</summary>
    public static string Version => Environment.Value.GetVersionString();

    /// <summary>Starts it, if it has not been, and forbids it to report about models; to be called before it is used.</summary>
    public static void Prepare() => _ = Environment.Value;

    private static OrtEnv Start()
    {
        OnnxRuntimeTelemetry.Disable();
        var environment = OrtEnv.Instance();
        environment.DisableTelemetryEvents();
        return environment;
    }
}
