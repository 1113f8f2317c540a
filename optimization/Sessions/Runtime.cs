using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Models;
using Serverless.Core.Validation;

namespace Serverless.Optimization.Sessions;

/// <summary>ONNX Runtime in this process.</summary>
internal static class Runtime
{
    private static readonly Lazy<OrtEnv> Environment = new(Start);

    /// <summary>Its version.</summary>
    public static string Version => Environment.Value.GetVersionString();

    /// <summary>Options of a new session that keeps its warnings to itself. The runtime is started, and forbidden to report about models.</summary>
    /// <param name="device">What the session runs on.</param>
    /// <exception cref="ValidationException">There is no such device, or this build of ONNX Runtime cannot use it.</exception>
    public static SessionOptions CreateOptions(SessionDevice device)
    {
        _ = Environment.Value;
        var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        if (device == SessionDevice.Cpu)
        {
            return options;
        }

        try
        {
            using var cuda = new OrtCUDAProviderOptions();
            options.AppendExecutionProvider_CUDA(cuda);
            return options;
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            options.Dispose();
            throw new ValidationException("device", $"is {EnumWords.For(device)}, which ONNX Runtime cannot use here: {e.Message}");
        }
    }

    private static OrtEnv Start()
    {
        OnnxRuntimeTelemetry.Disable();
        var environment = OrtEnv.Instance();
        environment.DisableTelemetryEvents();
        return environment;
    }
}
