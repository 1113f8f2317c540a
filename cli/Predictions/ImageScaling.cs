namespace Serverless.Cli.Predictions;

/// <summary>Brings images to another size by linear interpolation, over all pixels that fall together where the image becomes smaller, so that thin lines do not vanish.</summary>
internal static class ImageScaling
{
    /// <summary>Scales one channel.</summary>
    /// <param name="plane">Its values, row by row.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="newWidth">Pixels in a row of the result.</param>
    /// <param name="newHeight">Rows of the result.</param>
    /// <returns>Whole numbers of 0 to 255; the plane itself where the size stays.</returns>
    public static float[] Resize(float[] plane, int width, int height, int newWidth, int newHeight)
    {
        if (width == newWidth && height == newHeight)
        {
            return plane;
        }

        var rows = Scale(plane, height, width, width, 1, newWidth);
        var result = Scale(rows, newWidth, 1, height, newWidth, newHeight);
        var scaled = new float[result.Length];
        for (var x = 0; x < newWidth; x++)
        {
            for (var y = 0; y < newHeight; y++)
            {
                scaled[(y * newWidth) + x] = MathF.Round(Math.Clamp(result[(x * newHeight) + y], 0, 255));
            }
        }

        return scaled;
    }

    // Scales lines of a plane; line l begins at l·lineStep, its values are valueStep apart. The result has line behind line.
    private static float[] Scale(float[] plane, int lines, int lineStep, int length, int valueStep, int newLength)
    {
        var result = new float[lines * newLength];
        var ratio = (double)length / newLength;
        var reach = Math.Max(1, ratio);
        for (var i = 0; i < newLength; i++)
        {
            var centre = ((i + 0.5) * ratio) - 0.5;
            var first = Math.Max(0, (int)Math.Ceiling(centre - reach));
            var last = Math.Min(length - 1, (int)Math.Floor(centre + reach));
            var weights = new double[last - first + 1];
            for (var j = 0; j < weights.Length; j++)
            {
                weights[j] = 1 - (Math.Abs(first + j - centre) / reach);
            }

            var sum = weights.Sum();
            for (var line = 0; line < lines; line++)
            {
                var value = 0.0;
                for (var j = 0; j < weights.Length; j++)
                {
                    value += weights[j] * plane[(line * lineStep) + ((first + j) * valueStep)];
                }

                result[(line * newLength) + i] = (float)(value / sum);
            }
        }

        return result;
    }
}
