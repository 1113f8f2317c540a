using System.Runtime.InteropServices;
using Google.Protobuf;
using Serverless.Core.Networks.Onnx;
using Serverless.Optimization.Graphs;
using Serverless.Optimization.Precision;

namespace Serverless.Optimization.Tests.Precision;

public sealed class Float16ConversionTests
{
    [Fact]
    public void Apply_NumbersOutOfRange_BecomeTheNearestAndNeverZero()
    {
        var graph = Perceptron([1e9f, -1e9f, 1e-12f, -1e-12f, 0, 0.5f], inputs: 2, outputs: 3);

        new Float16Conversion(graph).Apply();

        var half = ModelGraph.Parse(graph.ToBytes()).Proto.Initializer.Single();
        var values = MemoryMarshal.Cast<byte, Half>(half.RawData.Span).ToArray();
        Assert.Equal([Half.MaxValue, Half.MinValue, Half.Epsilon, -Half.Epsilon, Half.Zero, (Half)0.5f], values);
    }

    [Fact]
    public void Apply_OperatorWithoutAFloat16Form_KeepsFloatsAroundIt()
    {
        var graph = Perceptron(new float[6], inputs: 2, outputs: 3, "TopK");

        var layers = new Float16Conversion(graph).Apply();

        Assert.Equal(1, layers);
        Assert.Equal(["Cast", "MatMul", "Cast", "TopK"], graph.Proto.Node.Select(node => node.OpType));
        Assert.Equal("y", graph.Proto.Node[^1].Output[0]);
    }

    [Fact]
    public void Apply_Branches_AreRefused()
    {
        var graph = Perceptron(new float[6], inputs: 2, outputs: 3);
        graph.Proto.Node[0].Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = new GraphProto() });

        Assert.Throws<InvalidDataException>(() => new Float16Conversion(graph).Apply());
    }

    private static ModelGraph Perceptron(float[] weights, int inputs, int outputs, string? last = null)
    {
        var tensor = Tensors.Of<float>(weights, inputs, outputs);
        tensor.Name = "w";
        ModelProto model = new()
        {
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
            Graph = new GraphProto
            {
                Input = { Value("x") },
                Output = { Value("y") },
                Initializer = { tensor },
                Node = { NodeReading.Make("MatMul", last is null ? "y" : "product", ["x", "w"]) },
            },
        };
        if (last is not null)
        {
            model.Graph.Node.Add(NodeReading.Make(last, "y", ["product"]));
            model.Graph.ValueInfo.Add(Value("product"));
        }

        return ModelGraph.Parse(model.ToByteArray());
    }

    private static ValueInfoProto Value(string name) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } } };
}
