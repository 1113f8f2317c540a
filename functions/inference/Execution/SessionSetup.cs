using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Validation;
using Serverless.Inference.Configuration;

namespace Serverless.Inference.Execution;

/// <summary>Translates a model configuration into ONNX Runtime's options.</summary>
/// <param name="config">The configuration.</param>
/// <param name="defaultThreads">Threads that one run may use where the configuration does not say.</param>
internal sealed class SessionSetup(ModelServingConfig config, int defaultThreads)
{
    private readonly SessionParameters _parameters = SessionParameters.Read(config.Parameters, "parameters", new FieldErrors());

    /// <summary>Opens a session.</summary>
    /// <param name="source">The model.</param>
    /// <param name="gpu">The graphics processor it is to run on; null for the processor.</param>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the model or the device.</exception>
    public InferenceSession Open(OnnxModelSource source, int? gpu)
    {
        using var session = new SessionOptions
        {
            ExecutionMode = _parameters.ExecutionMode,
            GraphOptimizationLevel = config.Optimization.Graph.Level switch
            {
                -1 => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                1 => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
            IntraOpNumThreads = _parameters.IntraOpThreads ?? defaultThreads,
            InterOpNumThreads = _parameters.InterOpThreads,
            EnableCpuMemArena = _parameters.UsesMemoryArena,
            EnableMemoryPattern = _parameters.UsesMemoryPattern,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };

        // A thread that spins while it waits for work takes the core from another request.
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        session.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        if (gpu is { } device)
        {
            AddTensorRt(session, device);
            AddCuda(session, device);
        }

        return source.Path is { } path ? new InferenceSession(path, session) : new InferenceSession(source.Bytes!, session);
    }

    private void AddCuda(SessionOptions session, int device)
    {
        var options = new Dictionary<string, string>(_parameters.Cuda) { ["device_id"] = device.ToString(CultureInfo.InvariantCulture) };
        if (config.Optimization.Cuda.Graphs)
        {
            options["enable_cuda_graph"] = "1";
        }

        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(options);
        session.AppendExecutionProvider_CUDA(cuda);
    }

    // The provider that comes first gets what it can run; CUDA runs the rest.
    private void AddTensorRt(SessionOptions session, int device)
    {
        foreach (var accelerator in config.Optimization.ExecutionAccelerators.GpuExecutionAccelerator)
        {
            var options = new Dictionary<string, string> { ["device_id"] = device.ToString(CultureInfo.InvariantCulture) };
            if (accelerator.Parameters.GetValueOrDefault("precision_mode") == "FP16")
            {
                options["trt_fp16_enable"] = "1";
            }

            if (accelerator.Parameters.TryGetValue("max_workspace_size_bytes", out var workspace))
            {
                options["trt_max_workspace_size"] = workspace;
            }

            using var tensorRt = new OrtTensorRTProviderOptions();
            tensorRt.UpdateOptions(options);
            session.AppendExecutionProvider_Tensorrt(tensorRt);
        }
    }
}
