namespace Serverless.Core.Networks;

/// <summary>A window that moves over an image in steps: what convolutions and poolings have in common.</summary>
internal readonly record struct SlidingWindow(Size2 Kernel, Size2 Stride, Size2 Padding)
{
    /// <summary>The largest legal kernel side and stride.</summary>
    public const int MaximumSide = 1024;

    /// <summary>The largest legal padding on each side.</summary>
    public const int MaximumPadding = 512;

    public int Area => Kernel.Height * Kernel.Width;

    /// <summary>The feature maps that come out, by PyTorch's rule: a window that does not fit whole is left out.</summary>
    public ImageShape Output(ImageShape input, int channels, LayerScope scope)
    {
        long height = (long)input.Height + (2 * Padding.Height) - Kernel.Height;
        long width = (long)input.Width + (2 * Padding.Width) - Kernel.Width;
        return height >= 0 && width >= 0
            ? new ImageShape(channels, (int)(height / Stride.Height) + 1, (int)(width / Stride.Width) + 1)
            : throw scope.Fail($"its kernel of {Kernel} does not fit into the {input.Height}x{input.Width} image with a padding of {Padding}");
    }

    /// <summary>ONNX's order: all beginnings, then all ends.</summary>
    public long[] OnnxPads() => [Padding.Height, Padding.Width, Padding.Height, Padding.Width];
}
