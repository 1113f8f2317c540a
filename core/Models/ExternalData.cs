using Google.Protobuf;
using Serverless.Core.Models.Onnx;

namespace Serverless.Core.Models;

/// <summary>The files beside a model that hold its large tensors.</summary>
public static class ExternalData
{
    private const string LocationKey = "location";

    /// <summary>The files that an ONNX model names, each once.</summary>
    /// <param name="onnx">The model; read to its end, without its tensors' bytes being kept.</param>
    /// <returns>Paths relative to the model, which stay beside and below it.</returns>
    /// <exception cref="InvalidDataException">It is not an ONNX model, or it names a file elsewhere.</exception>
    public static IReadOnlyCollection<string> Find(Stream onnx)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        try
        {
            var model = ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(onnx);
            Add(model.Graph, files);
            Add(model.Functions.SelectMany(function => function.Node), files);
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new InvalidDataException($"The model is not an ONNX file: {broken.Message}", broken);
        }

        return files;
    }

    private static void Add(GraphProto? graph, SortedSet<string> files)
    {
        if (graph is null)
        {
            return;
        }

        Add(graph.Initializer, files);
        Add(graph.SparseInitializer, files);
        Add(graph.Node, files);
    }

    private static void Add(IEnumerable<NodeProto> nodes, SortedSet<string> files)
    {
        foreach (var attribute in nodes.SelectMany(node => node.Attribute))
        {
            Add([attribute.T, .. attribute.Tensors], files);
            Add([attribute.SparseTensor, .. attribute.SparseTensors], files);
            Add(attribute.G, files);
            foreach (var graph in attribute.Graphs)
            {
                Add(graph, files);
            }
        }
    }

    private static void Add(IEnumerable<SparseTensorProto?> tensors, SortedSet<string> files) =>
        Add(tensors.SelectMany(tensor => new[] { tensor?.Values, tensor?.Indices }), files);

    private static void Add(IEnumerable<TensorProto?> tensors, SortedSet<string> files)
    {
        foreach (var entry in tensors.SelectMany(tensor => tensor?.ExternalData ?? []))
        {
            if (entry.Key == LocationKey)
            {
                files.Add(Check(entry.Value));
            }
        }
    }

    private static string Check(string location)
    {
        var isInside = location.Length > 0 && location.AsSpan().IndexOfAny('\\', ':', '\0') < 0
            && location.Split('/').All(step => step is not ("" or "." or ".."));
        return isInside
            ? location
            : throw new InvalidDataException($"The model keeps tensors in the file '{location}'; only files beside it and in folders below it are read.");
    }
}
