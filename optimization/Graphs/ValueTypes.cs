using Serverless.Core.Networks.Onnx;
using Serverless.Optimization.Sessions;

namespace Serverless.Optimization.Graphs;

/// <summary>Notes in a model what the values between its nodes are: ONNX Runtime knows, but does not write it down.</summary>
internal static class ValueTypes
{
    /// <summary>Notes the element types of all tensors, by asking for them as if they were outputs.</summary>
    public static byte[] Annotate(byte[] onnx)
    {
        var graph = ModelGraph.Parse(onnx);
        var known = graph.Proto.Output.ToList();
        string[] values = [.. graph.Proto.Node.SelectMany(node => node.Output).Where(value => value.Length > 0 && !graph.IsOutput(value))];
        graph.Proto.Output.AddRange(values.Select(value => new ValueInfoProto { Name = value }));
        graph.Proto.ValueInfo.Clear();
        foreach (var (name, type) in GraphOptimizer.OutputTypes(graph.ToBytes()))
        {
            if (!graph.IsOutput(name))
            {
                graph.Proto.ValueInfo.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type } } });
            }
        }

        graph.Proto.Output.Clear();
        graph.Proto.Output.AddRange(known);
        return graph.ToBytes();
    }
}
