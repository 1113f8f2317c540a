using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core.Datasets;
using Serverless.Core.Models;
using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Publishing;

/// <summary>An exported model, loaded.</summary>
internal sealed class ExportedModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly FeatureSpec _features;

    /// <summary>Loads the model.</summary>
    /// <param name="onnx">Its bytes.</param>
    /// <param name="features">What a row of its input is.</param>
    /// <exception cref="ValidationException">ONNX Runtime refuses it.</exception>
    public ExportedModel(byte[] onnx, FeatureSpec features)
    {
        _features = features;
        OnnxRuntimeTelemetry.Disable();
        OrtEnv.Instance().DisableTelemetryEvents();
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = 1 };
        try
        {
            _session = new InferenceSession(onnx, options);
        }
        catch (OnnxRuntimeException refused)
        {
            throw new ValidationException("publish", $"ONNX Runtime refuses the exported model: {refused.Message}");
        }
    }

    /// <summary>What it takes.</summary>
    public IReadOnlyList<ModelTensor> Inputs => [.. _session.InputNames.Select(name => Describe(name, _session.InputMetadata[name]))];

    /// <summary>What it gives.</summary>
    public IReadOnlyList<ModelTensor> Outputs => [.. _session.OutputNames.Select(name => Describe(name, _session.OutputMetadata[name]))];

    /// <summary>Runs the first rows of raw features and gives the first output, which is the network's own.</summary>
    public float[] Run(byte[] features, int rows)
    {
        long[] shape = [rows, .. _features.Shape.Select(dimension => (long)dimension)];
        var used = features.AsMemory(0, rows * _features.Bytes);
        using var input = _features.Type == FeatureType.UInt8
            ? OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, used, shape)
            : OrtValue.CreateTensorValueFromMemory(MemoryMarshal.Cast<byte, float>(used.Span).ToArray(), shape);
        using var outputs = _session.Run(_options, _session.InputNames, [input], [_session.OutputNames[0]]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }

    private static ModelTensor Describe(string name, NodeMetadata metadata) => new(
        name,
        metadata.ElementDataType switch
        {
            TensorElementType.UInt8 => "UINT8",
            TensorElementType.Float => "FP32",
            var other => throw new ValidationException("publish", $"the exported model's tensor '{name}' has elements of type {other}; legal UINT8, FP32"),
        },
        [.. metadata.Dimensions.Select(dimension => (long)dimension)]);
}
