using Google.Protobuf;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core.Networks.Onnx;

namespace Serverless.Inference.Tests;

/// <summary>Small ONNX models that show what went in.</summary>
internal static class TestModels
{
    private const int IrVersion = 8;
    private const int Opset = 17;

    /// <summary>Gives every input back as the output <c>{name}_out</c>.</summary>
    public static byte[] Identity(params TestTensor[] tensors) => Build(tensors.Select(tensor => ("Identity", new[] { tensor }, tensor with { Name = tensor.Name + "_out" })));

    /// <summary>Adds two tensors that only the graph requires to be of equal size.</summary>
    public static byte[] Sum(TestTensor left, TestTensor right) => Build([("Add", [left, right], left with { Name = "sum" })]);

    /// <summary>The natural logarithm: not a number below 0, infinite at 0.</summary>
    public static byte[] Logarithm() => Build([("Log", [new TestTensor("x", TensorElementType.Float, -1)], new TestTensor("log", TensorElementType.Float, -1))]);

    /// <summary>Takes from each row the elements at given places; a place outside the row is an error.</summary>
    public static byte[] Pick(TestTensor data, TestTensor places) => Build(
        [("GatherElements", [data, places], new TestTensor("picked", data.Type, places.Shape))],
        new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 1 });

    /// <summary>Puts two matrices of two columns one below the other.</summary>
    public static byte[] Concatenation() => Build(
        [("Concat", [new TestTensor("a", TensorElementType.Float, -1, 2), new TestTensor("b", TensorElementType.Float, -1, 2)], new TestTensor("rows", TensorElementType.Float, -1, 2))],
        new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 0 });

    /// <summary>Adds a constant to one number a row.</summary>
    public static byte[] Adds(int constant)
    {
        var model = ModelProto.Parser.ParseFrom(Sum(new TestTensor("x", TensorElementType.Int32, -1, 1), new TestTensor("constant", TensorElementType.Int32, 1)));
        model.Graph.Input.RemoveAt(1);
        model.Graph.Initializer.Add(new TensorProto
        {
            Name = "constant", DataType = (int)TensorElementType.Int32, Dims = { 1 }, RawData = ByteString.CopyFrom(BitConverter.GetBytes(constant)),
        });
        return model.ToByteArray();
    }

    /// <summary>Puts a tensor behind itself, and claims that the result has as many elements.</summary>
    public static byte[] Twice()
    {
        var input = Describe(new TestTensor("x", TensorElementType.Float, -1));
        var output = input.Clone();
        output.Name = "twice";
        var node = new NodeProto { Name = "twice", OpType = "Concat", Input = { "x", "x" }, Output = { "twice" } };
        node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 0 });
        var graph = new GraphProto { Name = "test", Input = { input }, Output = { output }, Node = { node } };
        return new ModelProto { IrVersion = IrVersion, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = Opset } }, Graph = graph }.ToByteArray();
    }

    private static byte[] Build(IEnumerable<(string Operator, TestTensor[] Inputs, TestTensor Output)> nodes, params AttributeProto[] attributes)
    {
        var graph = new GraphProto { Name = "test" };
        foreach (var (name, inputs, output) in nodes)
        {
            graph.Input.AddRange(inputs.Select(Describe));
            graph.Output.Add(Describe(output));
            var node = new NodeProto { Name = output.Name, OpType = name };
            node.Input.AddRange(inputs.Select(input => input.Name));
            node.Output.Add(output.Name);
            node.Attribute.AddRange(attributes);
            graph.Node.Add(node);
        }

        return new ModelProto { IrVersion = IrVersion, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = Opset } }, Graph = graph }.ToByteArray();
    }

    private static ValueInfoProto Describe(TestTensor tensor)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in tensor.Shape)
        {
            shape.Dim.Add(dimension < 0
                ? new TensorShapeProto.Types.Dimension { DimParam = $"{tensor.Name}_{shape.Dim.Count}" }
                : new TensorShapeProto.Types.Dimension { DimValue = dimension });
        }

        return new ValueInfoProto { Name = tensor.Name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)tensor.Type, Shape = shape } } };
    }
}
