using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Models;

/// <summary>What a model takes and gives, in the model's own order.</summary>
public sealed class ModelSignature
{
    private readonly TensorSignature[] _inputs;
    private readonly TensorSignature[] _outputs;
    private readonly ConcurrentQueue<InferenceRequest> _requests = [];

    /// <summary>Describes a model.</summary>
    public ModelSignature(IEnumerable<TensorSignature> inputs, IEnumerable<TensorSignature> outputs)
    {
        _inputs = [.. inputs];
        _outputs = [.. outputs];
    }

    /// <summary>The inputs.</summary>
    public ReadOnlySpan<TensorSignature> Inputs => _inputs;

    /// <summary>The outputs.</summary>
    public ReadOnlySpan<TensorSignature> Outputs => _outputs;

    /// <summary>Reads the signature out of a loaded model.</summary>
    /// <exception cref="ModelLoadException">A tensor is of a kind that this server cannot carry.</exception>
    public static ModelSignature Of(InferenceSession session) => new(
        session.InputNames.Select(name => Describe("input", name, session.InputMetadata[name])),
        session.OutputNames.Select(name => Describe("output", name, session.OutputMetadata[name])));

    /// <summary>An empty request to this model; it comes back when it is disposed.</summary>
    internal InferenceRequest RentRequest() => (_requests.TryDequeue(out var request) ? request : new InferenceRequest(this)).Lend();

    internal void Return(InferenceRequest request) => _requests.Enqueue(request);

    /// <summary>The index of the input whose name the reader stands on, or -1.</summary>
    internal int FindInput(ref Utf8JsonReader reader) => Find(_inputs, ref reader);

    /// <summary>The index of the output whose name the reader stands on, or -1.</summary>
    internal int FindOutput(ref Utf8JsonReader reader) => Find(_outputs, ref reader);

    private static int Find(TensorSignature[] tensors, ref Utf8JsonReader reader)
    {
        for (var i = 0; i < tensors.Length; i++)
        {
            if (reader.ValueTextEquals(tensors[i].Utf8Name))
            {
                return i;
            }
        }

        return -1;
    }

    private static TensorSignature Describe(string role, string name, NodeMetadata metadata)
    {
        if (!metadata.IsTensor)
        {
            throw new ModelLoadException($"The {role} '{name}' is a {metadata.OnnxValueType}; only tensors can be served.");
        }

        var datatype = DatatypeFacts.FromElementType(metadata.ElementDataType)
            ?? throw new ModelLoadException($"The {role} '{name}' has elements of type {metadata.ElementDataType}; these can be served: {DatatypeFacts.Legal}.");
        return new TensorSignature(name, datatype, [.. metadata.Dimensions.Select(dimension => (long)Math.Max(dimension, -1))]);
    }
}
