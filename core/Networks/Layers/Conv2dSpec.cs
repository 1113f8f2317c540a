using System.Text.Json;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks.Layers;

/// <summary>
/// A two-dimensional convolution (cross-correlation, as everywhere). Takes [channels, height, width], gives [filters, height', width'] with
/// height' = ⌊(height + 2·padding − kernel) / stride⌋ + 1. Parameters as in PyTorch's Conv2d: <c>weight</c> [filters, channels / groups, kernel height, kernel width], <c>bias</c> [filters].
/// </summary>
/// <param name="Filters">How many feature maps come out.</param>
/// <param name="Kernel">The size of the window.</param>
public sealed record Conv2dSpec(int Filters, Size2 Kernel) : LayerSpec
{
    /// <summary>The most filters a layer may have.</summary>
    public const int MaximumFilters = 1 << 16;

    internal const string Name = "conv2d";

    /// <summary>How far the window moves; 1 by default.</summary>
    public Size2 Stride { get; init; } = new(1);

    /// <summary>Zeros around the image, on each side; none by default.</summary>
    public Size2 Padding { get; init; } = new(0);

    /// <summary>Channels and filters are split into this many independent groups; 1 by default. As many as channels makes it depthwise.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether a learnt constant is added to each filter's map; true by default.</summary>
    public bool Bias { get; init; } = true;

    /// <inheritdoc/>
    public override string Type => Name;

    internal override bool NeedsImage => true;

    private SlidingWindow Window => new(Kernel, Stride, Padding);

    internal static Conv2dSpec Read(LayerReader layer)
    {
        ObjectReader fields = layer.Fields;
        return new Conv2dSpec(fields.Whole("filters", 1, MaximumFilters), Size2.Read(fields, "kernel", 1, SlidingWindow.MaximumSide))
        {
            Stride = Size2.Read(fields, "stride", 1, SlidingWindow.MaximumSide, new Size2(1)),
            Padding = Size2.Read(fields, "padding", 0, SlidingWindow.MaximumPadding, new Size2(0)),
            Groups = fields.Whole("groups", 1, MaximumFilters, fallback: 1),
            Bias = fields.Boolean("bias", true),
        };
    }

    internal override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteNumber("filters", Filters);
        Kernel.Write(json, "kernel");
        Stride.Write(json, "stride");
        Padding.Write(json, "padding");
        json.WriteNumber("groups", Groups);
        json.WriteBoolean("bias", Bias);
    }

    internal override LayerNode Compile(LayerScope scope)
    {
        ImageShape input = scope.Image();
        if (input.Channels % Groups != 0 || Filters % Groups != 0)
        {
            throw scope.Fail($"has {Groups} groups, which must divide both its {input.Channels} channels and its {Filters} filters");
        }

        ImageShape output = Window.Output(input, Filters, scope);
        int[] weight = [Filters, input.Channels / Groups, Kernel.Height, Kernel.Width];
        long fanIn = Shapes.Elements(weight.AsSpan(1));
        InitialValues initial = InitialValues.UniformByFanIn(fanIn);
        scope.Trainable("weight", weight, initial);
        if (Bias)
        {
            scope.Trainable("bias", [Filters], initial);
        }

        return scope.Node(output.ToArray(), ((2 * fanIn) - (Bias ? 0 : 1)) * output.Elements);
    }

    internal override string Emit(OnnxGraph graph, LayerNode node, string input) => graph.Add(
        node.Name,
        "Conv",
        [input, .. graph.Parameters(node)],
        OnnxAttribute.Ints("kernel_shape", Kernel.Height, Kernel.Width),
        OnnxAttribute.Ints("strides", Stride.Height, Stride.Width),
        OnnxAttribute.Ints("pads", Window.OnnxPads()),
        OnnxAttribute.Int("group", Groups));
}
