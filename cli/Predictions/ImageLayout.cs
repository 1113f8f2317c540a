using System.Globalization;
using Serverless.Cli.Api;
using Serverless.Core.Validation;

namespace Serverless.Cli.Predictions;

/// <summary>How a model's input holds an image.</summary>
/// <param name="Channels">1 for brightness, 3 for red, green, blue, 4 with opacity.</param>
/// <param name="Height">Rows; -1 where each request chooses.</param>
/// <param name="Width">Pixels in a row; -1 where each request chooses.</param>
/// <param name="ChannelsLast">Whether a pixel's channels lie side by side, not each channel's pixels.</param>
internal readonly record struct ImageLayout(int Channels, int Height, int Width, bool ChannelsLast)
{
    /// <summary>Reads the layout off an input's shape: [batch, channels, height, width], [batch, height, width, channels], [batch, height, width], or a square as one row.</summary>
    /// <exception cref="ValidationException">It is none of these.</exception>
    public static ImageLayout Of(TensorDescription input)
    {
        int[] row = [.. input.Shape.Skip(1).Select(dimension => (int)Math.Clamp(dimension, -1, int.MaxValue))];
        return row switch
        {
            [1 or 3 or 4, var height, var width] => new ImageLayout(row[0], height, width, ChannelsLast: false),
            [var height, var width, 1 or 3 or 4] => new ImageLayout(row[2], height, width, ChannelsLast: true),
            [var height, var width] => new ImageLayout(1, height, width, ChannelsLast: false),
            [var pixels] when pixels > 0 && (int)Math.Sqrt(pixels) is var side && side * side == pixels => new ImageLayout(1, side, side, ChannelsLast: false),
            _ => throw new ValidationException("input", string.Create(
                CultureInfo.InvariantCulture,
                $"the model's input '{input.Name}' of shape [{string.Join(", ", input.Shape)}] takes no images; that takes [batch, channels, height, width] with 1, 3 or 4 channels, or the channels last, or none")),
        };
    }

    /// <summary>The layout with an image's own size where the model takes any.</summary>
    public ImageLayout Fit(string path, int width, int height) => width > 0 && height > 0
        ? this with { Height = Height < 0 ? height : Height, Width = Width < 0 ? width : Width }
        : throw new ValidationException("input", $"'{path}' is an image without pixels");

    /// <summary>The input's description with this size in place of free dimensions.</summary>
    public TensorDescription Apply(TensorDescription input)
    {
        long[] image = ChannelsLast ? [Height, Width, Channels] : [Channels, Height, Width];
        return input with { Shape = [input.Shape[0], .. input.Shape.Count == 4 ? image : input.Shape.Count == 3 ? [Height, Width] : [(long)Height * Width]] };
    }

    /// <summary>Puts an image's channels in the order of the input.</summary>
    public float[] Arrange(float[][] planes)
    {
        if (!ChannelsLast)
        {
            return [.. planes.SelectMany(plane => plane)];
        }

        var pixels = new float[planes.Length * planes[0].Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = planes[i % planes.Length][i / planes.Length];
        }

        return pixels;
    }
}
