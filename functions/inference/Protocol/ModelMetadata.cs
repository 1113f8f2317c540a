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
    /// <param name="model">The version to describe.</param>
    /// <param name="versions">All versions that serve.</param>
    public static ModelMetadata Of(ServedModel model, IReadOnlyList<string> versions)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new ModelMetadata(
            model.Name, versions, "onnxruntime_onnx", Describe(model.Signature.Inputs), Describe(model.Signature.Outputs));
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
