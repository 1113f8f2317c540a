using System.Runtime.InteropServices;
using Google.Protobuf;
using Serverless.Core.Tensors;

namespace Serverless.Core.Networks.Onnx;

/// <summary>An ONNX graph being built. Values are passed around by name; parameter data is referenced, not copied.</summary>
internal sealed class OnnxGraph(ReadOnlyMemory<float> trainable, ReadOnlyMemory<float> buffers)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public GraphProto Proto { get; } = new();

    /// <summary>Adds a chain of layers.</summary>
    /// <returns>The name of the last layer's output.</returns>
    public string AddLayers(IReadOnlyList<LayerNode> layers, string input)
    {
        foreach (LayerNode layer in layers)
        {
            input = layer.Spec.Emit(this, layer, input);
        }

        return input;
    }

    /// <summary>Adds one operator.</summary>
    /// <param name="scope">What the operator belongs to, such as a layer's name.</param>
    /// <param name="operation">ONNX's name of the operator.</param>
    /// <param name="inputs">The values it takes.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <returns>The name of its output.</returns>
    public string Add(string scope, string operation, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        string name = Unique($"{scope}.{operation}");
        NodeProto node = new() { Name = name, OpType = operation, Output = { name } };
        node.Input.AddRange(inputs.ToArray());
        node.Attribute.AddRange(attributes.ToArray());
        Proto.Node.Add(node);
        return name;
    }

    /// <summary>Adds all parameters of a layer, in their order.</summary>
    /// <returns>Their names.</returns>
    public string[] Parameters(LayerNode layer) => [.. layer.Parameters.Select(Parameter)];

    /// <summary>Adds a constant of one value.</summary>
    /// <returns>Its name.</returns>
    public string Scalar(string scope, string name, float value) => Constant($"{scope}.{name}", [], new[] { value });

    /// <summary>Adds a constant tensor.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string name, ReadOnlySpan<int> shape, ReadOnlyMemory<float> values) =>
        Constant(name, shape, TensorProto.Types.DataType.Float, FloatBytes.Of(MemoryMarshal.AsMemory(values)));

    /// <summary>Adds a constant list of whole numbers.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string name, ReadOnlySpan<long> values) =>
        Constant(name, [values.Length], TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>Gives a value the name it is to be known by outside.</summary>
    public void AddOutput(string value, string name, int[] shape)
    {
        Proto.Node.Add(new NodeProto { Name = name, OpType = "Identity", Input = { value }, Output = { name } });
        Proto.Output.Add(Value(name, TensorProto.Types.DataType.Float, shape));
    }

    /// <summary>Declares an input of the graph.</summary>
    public void AddInput(string name, TensorProto.Types.DataType type, int[] shape) => Proto.Input.Add(Value(name, type, shape));

    private string Parameter(ParameterSlot slot) =>
        Constant(slot.Name, slot.Shape, slot.Of(slot.Region == ParameterRegion.Trainable ? trainable : buffers));

    private string Constant(string name, ReadOnlySpan<int> shape, TensorProto.Types.DataType type, ReadOnlyMemory<byte> data)
    {
        TensorProto tensor = new() { Name = Unique(name), DataType = (int)type, RawData = UnsafeByteOperations.UnsafeWrap(data) };
        foreach (int size in shape)
        {
            tensor.Dims.Add(size);
        }

        Proto.Initializer.Add(tensor);
        return tensor.Name;
    }

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, int[] shape)
    {
        TensorShapeProto dimensions = new() { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" } } };
        foreach (int size in shape)
        {
            dimensions.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } } };
    }

    // Gelu multiplies twice, and both are Mul.
    private string Unique(string name)
    {
        string unique = name;
        for (int i = 2; !_names.Add(unique); i++)
        {
            unique = $"{name}{i}";
        }

        return unique;
    }
}
