using Serverless.Core.Networks.Onnx;

namespace Serverless.Optimization.Graphs;

/// <summary>Reads and makes nodes.</summary>
internal static class NodeReading
{
    /// <summary>Whether a node is one of ONNX's own operators, of one of these names.</summary>
    public static bool Is(this NodeProto node, params ReadOnlySpan<string> operations) => node.Domain.Length == 0 && operations.Contains(node.OpType);

    /// <summary>The name of an input; empty where the node is given none.</summary>
    public static string InputAt(this NodeProto node, int index) => index < node.Input.Count ? node.Input[index] : "";

    /// <summary>The value of an attribute that is a whole number.</summary>
    public static long Int(this NodeProto node, string name, long fallback) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.I ?? fallback;

    /// <summary>The value of an attribute that is a number.</summary>
    public static float Float(this NodeProto node, string name, float fallback) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.F ?? fallback;

    /// <summary>A node with one output, which it is named after: a node whose output this was may still be there under another one.</summary>
    public static NodeProto Make(string operation, string output, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        NodeProto node = new() { Name = $"{output}/{operation}", OpType = operation, Output = { output } };
        node.Input.AddRange(inputs.ToArray());
        node.Attribute.AddRange(attributes.ToArray());
        return node;
    }
}
