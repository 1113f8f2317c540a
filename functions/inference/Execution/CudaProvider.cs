using Microsoft.ML.OnnxRuntime;

namespace Serverless.Inference.Execution;

/// <summary>ONNX Runtime's CUDA provider, as far as this process has it.</summary>
internal static class CudaProvider
{
    private const string Name = "CUDAExecutionProvider";

    private static readonly Lazy<string?> Found = new(Probe);

    /// <summary>Why it cannot be used; null where it can.</summary>
    public static string? Problem => Found.Value;

    private static string? Probe()
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(Name))
        {
            return "this build of ONNX Runtime has no CUDA provider (publish with -p:Gpu=true)";
        }

        try
        {
            // Loads the provider and the CUDA libraries it needs.
            using var session = new SessionOptions();
            using var cuda = new OrtCUDAProviderOptions();
            session.AppendExecutionProvider_CUDA(cuda);
            return null;
        }
        catch (OnnxRuntimeException unusable)
        {
            return $"CUDA cannot be used: {unusable.Message}";
        }
    }
}
