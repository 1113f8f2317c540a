using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Serverless.Core.Tests.Datasets.Import;

/// <summary>Writes files to be imported into a folder of its own.</summary>
internal sealed class SourceBuilder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverless-import-tests-").FullName;
    private int _files;

    public string Folder => _folder;

    public string Write(byte[] content, string extension = "bin")
    {
        var path = Path.Combine(_folder, $"{++_files}.{extension}");
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Csv(string content) => Write(Encoding.UTF8.GetBytes(content), "csv");

    public string GZip(byte[] content) => Write(Compress(content), "gz");

    public static byte[] Compress(byte[] content)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }

    /// <summary>An IDX file with elements already in big-endian bytes.</summary>
    public static byte[] Idx(byte type, int[] shape, byte[] elements)
    {
        var file = new List<byte> { 0, 0, type, (byte)shape.Length };
        foreach (var dimension in shape)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, dimension);
            file.AddRange(bytes);
        }

        return [.. file, .. elements];
    }

    /// <summary>A NumPy file with elements already in little-endian bytes.</summary>
    public static byte[] Npy(string type, string shape, byte[] elements, int version = 1, string order = "False")
    {
        var header = $"{{'descr': '{type}', 'fortran_order': {order}, 'shape': {shape}, }}";
        header = header.PadRight(117) + "\n";
        var text = Encoding.Latin1.GetBytes(header);
        var length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. elements];
    }

    public static byte[] Bytes<T>(params T[] values)
        where T : unmanaged =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values).ToArray();

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
