namespace Serverless.Core.Networks;

/// <summary>The shape of an image, or of the feature maps that a convolution makes of it.</summary>
internal readonly record struct ImageShape(int Channels, int Height, int Width)
{
    public long Pixels => (long)Height * Width;

    public long Elements => Channels * Pixels;

    public int[] ToArray() => [Channels, Height, Width];
}
