using Google.Protobuf;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Validation;
using Serverless.Optimization.Sessions;
using static Serverless.Core.Networks.Onnx.TensorProto.Types;

namespace Serverless.Optimization.Data;

/// <summary>Reads models from files.</summary>
public static class OnnxFile
{
    /// <summary>The most bytes of a model, its tensors included: it is one protobuf message.</summary>
    public const long MaximumBytes = int.MaxValue;

    /// <summary>Reads a model, with the tensors in it that are in files beside it.</summary>
    /// <exception cref="ValidationException">There is no such file, or it is no ONNX model.</exception>
    public static byte[] Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new ValidationException("model", $"'{path}' {(Directory.Exists(path) ? "is a folder; a file is needed" : "does not exist")}");
        }

        if (file.Length is 0 or > MaximumBytes)
        {
            throw new ValidationException("model", $"'{path}' has {file.Length} bytes; legal are 1 to {MaximumBytes}");
        }

        var onnx = File.ReadAllBytes(path);
        try
        {
            var tensors = ModelProto.Parser.ParseFrom(onnx).Graph?.Initializer ?? [];
            return tensors.Any(tensor => tensor.DataLocation == DataLocation.External) ? GraphOptimizer.Join(path) : onnx;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ValidationException("model", $"'{path}' is no ONNX model: {e.Message}");
        }
    }
}
