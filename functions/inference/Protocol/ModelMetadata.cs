using Serverless.Inference.Models;

namespace Serverless.Inference.Protocol;

/// <summary>What the server says about a model.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Versions">The versions being served.</param>
/// <param name="Platform">What runs it.</param>
/// <param name="Inputs">What it takes.</param>
/// <param name="Outputs">What it gives.</param>
public sealed record ModelMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs)
{
    /// <summary>Describes a served model.</summary>
    public static ModelMetadata Of(ServedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new ModelMetadata(
            model.Version.Name, [model.VersionText], "onnxruntime_onnx", Describe(model.Signature.Inputs), Describe(model.Signature.Outputs));
    }

    private static TensorMetadata[] Describe(ReadOnlySpan<TensorSignature> tensors)
    {
        var described = new TensorMetadata[tensors.Length];
        for (var i = 0; i < described.Length; i++)
        {
            described[i] = new TensorMetadata(tensors[i].Name, tensors[i].Datatype.Name(), [.. tensors[i].Shape]);
        }

        return described;
    }
}
