using Serverless.Cli.Api;
using Serverless.Core.Validation;
using StbImageSharp;

namespace Serverless.Cli.Predictions;

/// <summary>Images as rows: each is brought to the size and the channels of the model's input, its values stay 0 to 255.</summary>
/// <param name="paths">PNG and JPEG files.</param>
internal sealed class ImageRows(IReadOnlyList<string> paths) : IQuestion
{
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg"];

    /// <inheritdoc/>
    public int Count => paths.Count;

    /// <summary>Whether a file's name is that of an image.</summary>
    public static bool IsImage(string path) => Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public InputRows For(TensorDescription input)
    {
        var layout = ImageLayout.Of(input);
        var values = new List<float>();
        foreach (var path in paths)
        {
            var image = Decode(path, (ColorComponents)layout.Channels);
            layout = layout.Fit(path, image.Width, image.Height);
            var planes = new float[layout.Channels][];
            for (var channel = 0; channel < planes.Length; channel++)
            {
                planes[channel] = ImageScaling.Resize(Plane(image, channel), image.Width, image.Height, layout.Width, layout.Height);
            }

            values.AddRange(layout.Arrange(planes));
        }

        float[] all = [.. values];
        return new RawRows(paths[0], paths.Count, all.Length / paths.Count, all).For(layout.Apply(input));
    }

    private static ImageResult Decode(string path, ColorComponents channels)
    {
        try
        {
            return ImageResult.FromMemory(File.ReadAllBytes(path), channels);
        }
        catch (InvalidOperationException broken)
        {
            throw new ValidationException("input", $"'{path}' cannot be read as an image: {broken.Message}");
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new ValidationException("input", $"'{path}' cannot be read: {missing.Message}");
        }
    }

    private static float[] Plane(ImageResult image, int channel)
    {
        var channels = (int)image.Comp;
        var plane = new float[image.Width * image.Height];
        for (var i = 0; i < plane.Length; i++)
        {
            plane[i] = image.Data[(i * channels) + channel];
        }

        return plane;
    }
}
