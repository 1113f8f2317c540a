using System.Text.Json;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks.Layers;

/// <summary>
/// A pooling over windows of an image, each channel by itself. Takes [channels, height, width], gives [channels, height', width'] with
/// height' = ⌊(height + 2·padding − kernel) / stride⌋ + 1. Has no parameters.
/// </summary>
/// <param name="Kernel">The size of the window.</param>
public abstract record Pool2dSpec(Size2 Kernel) : LayerSpec
{
    /// <summary>How far the window moves; its own size by default.</summary>
    public Size2 Stride { get; init; } = Kernel;

    /// <summary>Padding on each side, at most half of the kernel; none by default.</summary>
    public Size2 Padding { get; init; } = new(0);

    internal override bool NeedsImage => true;

    private SlidingWindow Window => new(Kernel, Stride, Padding);

    internal override void WriteFields(Utf8JsonWriter json)
    {
        Kernel.Write(json, "kernel");
        Stride.Write(json, "stride");
        Padding.Write(json, "padding");
    }

    internal override LayerNode Compile(LayerScope scope)
    {
        // PyTorch's rule; without it a window could lie in the padding alone.
        if (Padding.Height > Kernel.Height / 2 || Padding.Width > Kernel.Width / 2)
        {
            throw scope.Fail($"has a padding of {Padding}; legal is at most half of its kernel of {Kernel}");
        }

        ImageShape output = Window.Output(scope.Image(), scope.Image().Channels, scope);
        return scope.Node(output.ToArray(), output.Elements * Window.Area);
    }

    private protected static (Size2 Kernel, Size2 Stride, Size2 Padding) ReadWindow(ObjectReader fields)
    {
        Size2 kernel = Size2.Read(fields, "kernel", 1, SlidingWindow.MaximumSide);
        return (
            kernel,
            Size2.Read(fields, "stride", 1, SlidingWindow.MaximumSide, kernel),
            Size2.Read(fields, "padding", 0, SlidingWindow.MaximumPadding, new Size2(0)));
    }

    private protected AttributeProto[] OnnxWindow() =>
    [
        OnnxAttribute.Ints("kernel_shape", Kernel.Height, Kernel.Width),
        OnnxAttribute.Ints("strides", Stride.Height, Stride.Width),
        OnnxAttribute.Ints("pads", Window.OnnxPads()),
    ];
}
