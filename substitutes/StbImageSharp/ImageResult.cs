using System.Runtime.InteropServices;

namespace StbImageSharp;

/// <summary>A decoded image: PNG, JPEG and the other formats of stb_image.</summary>
public class ImageResult
{
    /// <summary>Pixels in a row.</summary>
    public int Width { get; set; }

    /// <summary>Rows.</summary>
    public int Height { get; set; }

    /// <summary>The channels of the file.</summary>
    public ColorComponents SourceComp { get; set; }

    /// <summary>The channels of <see cref="Data"/>.</summary>
    public ColorComponents Comp { get; set; }

    /// <summary>A byte for each channel of each pixel, pixel by pixel, row by row.</summary>
    public byte[] Data { get; set; } = [];

    /// <summary>Decodes an image.</summary>
    /// <param name="stream">The file's bytes.</param>
    /// <param name="requiredComponents">The channels to give.</param>
    /// <exception cref="InvalidOperationException">It is no image that can be decoded.</exception>
    public static ImageResult FromStream(Stream stream, ColorComponents requiredComponents = ColorComponents.Default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using MemoryStream memory = new();
        stream.CopyTo(memory);
        return FromMemory(memory.ToArray(), requiredComponents);
    }

    /// <summary>Decodes an image.</summary>
    /// <param name="data">The file's bytes.</param>
    /// <param name="requiredComponents">The channels to give.</param>
    /// <exception cref="InvalidOperationException">It is no image that can be decoded.</exception>
    public static ImageResult FromMemory(byte[] data, ColorComponents requiredComponents = ColorComponents.Default)
    {
        ArgumentNullException.ThrowIfNull(data);
        nint pixels = NativeMethods.Load(data, data.Length, out int width, out int height, out int channels, (int)requiredComponents);
        if (pixels == 0)
        {
            throw new InvalidOperationException(Marshal.PtrToStringUTF8(NativeMethods.FailureReason()));
        }

        try
        {
            ColorComponents source = (ColorComponents)channels;
            ColorComponents given = requiredComponents == ColorComponents.Default ? source : requiredComponents;
            ImageResult image = new() { Width = width, Height = height, SourceComp = source, Comp = given, Data = new byte[width * height * (int)given] };
            Marshal.Copy(pixels, image.Data, 0, image.Data.Length);
            return image;
        }
        finally
        {
            NativeMethods.Free(pixels);
        }
    }
}
