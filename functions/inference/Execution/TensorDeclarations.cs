using Serverless.Inference.Configuration;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Execution;

/// <summary>A model's tensors in the words of a model configuration.</summary>
internal static class TensorDeclarations
{
    private const string Text = "TYPE_STRING";

    /// <summary>Declares tensors as the model has them.</summary>
    /// <param name="tensors">The model's.</param>
    /// <param name="hasRows">Whether the first dimension is the batch, which a declaration leaves out.</param>
    public static IReadOnlyList<ConfiguredTensor> Of(ReadOnlySpan<TensorSignature> tensors, bool hasRows)
    {
        var declared = new ConfiguredTensor[tensors.Length];
        for (var i = 0; i < declared.Length; i++)
        {
            declared[i] = new ConfiguredTensor(tensors[i].Name, TypeOf(tensors[i].Datatype), [.. tensors[i].Shape[(hasRows ? 1 : 0)..]]);
        }

        return declared;
    }

    /// <summary>Checks declarations against the model; one that leaves tensors out is no error.</summary>
    /// <exception cref="ModelLoadException">A tensor is declared that the model does not have, or has otherwise.</exception>
    public static void Check(string role, IReadOnlyList<ConfiguredTensor> declared, IReadOnlyList<ConfiguredTensor> actual)
    {
        foreach (var tensor in declared)
        {
            var same = actual.FirstOrDefault(other => other.Name == tensor.Name)
                ?? throw new ModelLoadException($"The configuration declares the {role} '{tensor.Name}', which the model does not have; it has {string.Join(", ", actual.Select(other => $"'{other.Name}'"))}.");
            var fits = tensor.DataType == same.DataType && tensor.Dims.Count == same.Dims.Count
                && tensor.Dims.Zip(same.Dims).All(pair => pair.First == pair.Second || pair.Second < 0);
            if (!fits)
            {
                throw new ModelLoadException(
                    $"The configuration declares the {role} '{tensor.Name}' as {Describe(tensor)}; in the model it is {Describe(same)}.");
            }
        }
    }

    /// <summary>The configuration's name of a datatype, such as <c>TYPE_FP32</c>.</summary>
    public static string TypeOf(Datatype datatype) => datatype == Datatype.Bytes ? Text : "TYPE_" + datatype.Name();

    private static string Describe(ConfiguredTensor tensor) => $"{tensor.DataType} {Shapes.Describe([.. tensor.Dims])}";
}
