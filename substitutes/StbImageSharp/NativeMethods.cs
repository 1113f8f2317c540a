using System.Runtime.InteropServices;

namespace StbImageSharp;

/// <summary>stb_image of Debian's package libstb0.</summary>
internal static partial class NativeMethods
{
    private const string Library = "libstb.so.0";

    [LibraryImport(Library, EntryPoint = "stbi_load_from_memory")]
    public static partial nint Load(byte[] buffer, int length, out int width, out int height, out int channels, int desiredChannels);

    [LibraryImport(Library, EntryPoint = "stbi_image_free")]
    public static partial void Free(nint pixels);

    [LibraryImport(Library, EntryPoint = "stbi_failure_reason")]
    public static partial nint FailureReason();
}
