using Google.Protobuf;
using Serverless.Core.Networks.Onnx;
using static Serverless.Core.Networks.Onnx.AttributeProto.Types;
using static Serverless.Core.Networks.Onnx.TensorProto.Types;

namespace Serverless.Optimization.Graphs;

/// <summary>An ONNX model that is being changed: its nodes in an order in which every value is made before it is used, its constants and its values by name.</summary>
internal sealed class ModelGraph
{
    /// <summary>The domain of ONNX Runtime's own operators.</summary>
    public const string RuntimeDomain = "com.microsoft";

    private readonly Dictionary<string, TensorProto> _constants;
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<NodeProto>> _consumers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _floats;
    private readonly HashSet<string> _outputs;
    private readonly HashSet<string> _names;

    private ModelGraph(ModelProto model)
    {
        Model = model;
        _constants = Proto.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        _outputs = [.. Proto.Output.Select(output => output.Name)];
        _floats =
        [
            .. Proto.Input.Concat(Proto.Output).Concat(Proto.ValueInfo).Where(value => value.Type?.TensorType?.ElemType == (int)DataType.Float).Select(value => value.Name),
            .. Proto.Initializer.Where(tensor => tensor.DataType == (int)DataType.Float).Select(tensor => tensor.Name),
        ];
        _names = [.. _constants.Keys, .. Proto.Input.Select(input => input.Name)];
        foreach (var node in Proto.Node)
        {
            foreach (var output in node.Output)
            {
                _producers[output] = node;
                _names.Add(output);
            }

            foreach (var input in node.Input.Distinct(StringComparer.Ordinal))
            {
                (_consumers.TryGetValue(input, out var users) ? users : _consumers[input] = []).Add(node);
            }
        }
    }

    /// <summary>The model.</summary>
    public ModelProto Model { get; }

    /// <summary>The model's graph.</summary>
    public GraphProto Proto => Model.Graph;

    /// <summary>Whether parts of it run or not depending on values: the bodies of such nodes see the values of this graph by name.</summary>
    public bool HasControlFlow => Proto.Node.Any(node => node.Attribute.Any(attribute => attribute.Type is AttributeType.Graph or AttributeType.Graphs));

    /// <summary>The version of ONNX's own operators that the nodes mean; 0 where there are none.</summary>
    public long Opset => Model.OpsetImport.FirstOrDefault(opset => opset.Domain.Length == 0)?.Version ?? 0;

    /// <summary>Reads a model.</summary>
    public static ModelGraph Parse(ReadOnlyMemory<byte> onnx) => new(ModelProto.Parser.ParseFrom(onnx.Span));

    /// <summary>The changed model. Nodes and constants that nothing depends on any more are left out.</summary>
    public byte[] ToBytes()
    {
        if (!HasControlFlow)
        {
            var used = Proto.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
            var nodes = new List<NodeProto>(Proto.Node.Count);
            foreach (var node in Proto.Node.Reverse())
            {
                if (node.Output.Any(used.Contains))
                {
                    nodes.Add(node);
                    used.UnionWith(node.Input);
                }
            }

            nodes.Reverse();
            SetNodes(nodes);
            var constants = Proto.Initializer.Where(tensor => used.Contains(tensor.Name)).ToList();
            Proto.Initializer.Clear();
            Proto.Initializer.AddRange(constants);
        }

        return Model.ToByteArray();
    }

    /// <summary>Whether a value is one of the model's outputs.</summary>
    public bool IsOutput(string value) => _outputs.Contains(value);

    /// <summary>The node that makes a value; null for inputs and constants.</summary>
    public NodeProto? Producer(string value) => _producers.GetValueOrDefault(value);

    /// <summary>The nodes that use a value, as the model came.</summary>
    public IReadOnlyList<NodeProto> Consumers(string value) => _consumers.TryGetValue(value, out var users) ? users : [];

    /// <summary>The constant of this name; null for anything else.</summary>
    public TensorProto? Constant(string value) => _constants.GetValueOrDefault(value);

    /// <summary>The float32 constant of this name; null for anything else.</summary>
    public TensorProto? FloatConstant(string value) =>
        Constant(value) is { DataType: (int)DataType.Float } tensor ? tensor : null;

    /// <summary>Whether a value of the model, as it came, is known to be of float32 elements.</summary>
    public bool IsFloat(string value) => _floats.Contains(value);

    /// <summary>A name that nothing has yet.</summary>
    public string Unique(string wish)
    {
        var name = wish;
        for (var i = 2; !_names.Add(name); i++)
        {
            name = $"{wish}_{i}";
        }

        return name;
    }

    /// <summary>Adds a constant.</summary>
    /// <returns>Its name.</returns>
    public string Add(string wish, TensorProto tensor)
    {
        tensor.Name = Unique(wish);
        _constants[tensor.Name] = tensor;
        Proto.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Replaces all nodes.</summary>
    public void SetNodes(IReadOnlyList<NodeProto> nodes)
    {
        Proto.Node.Clear();
        Proto.Node.AddRange(nodes);
    }

    /// <summary>Says that the nodes use operators of ONNX Runtime's own.</summary>
    public void UseRuntimeDomain()
    {
        if (Model.OpsetImport.All(opset => opset.Domain != RuntimeDomain))
        {
            Model.OpsetImport.Add(new OperatorSetIdProto { Domain = RuntimeDomain, Version = 1 });
        }
    }
}
