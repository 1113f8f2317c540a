using System.Buffers.Binary;
using Serverless.Core.Tensors;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>
/// Reads the header of an IDX file: two zero bytes, the element type, the number of dimensions, then each dimension as a big-endian 32-bit number.
/// Format: the description on MNIST's page, http://yann.lecun.com/exdb/mnist/.
/// </summary>
internal static class IdxFile
{
    private const int MaxDimensions = 9;

    /// <exception cref="ValidationException">The file is no IDX file, or not as long as its header says.</exception>
    public static TensorFile Open(string field, string path)
    {
        var file = SourceFile.Open(field, path);
        try
        {
            return Read(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static TensorFile Read(SourceFile file)
    {
        Span<byte> magic = stackalloc byte[4];
        file.ReadExactly(magic, "its first number");
        TensorType? type = magic[2] switch
        {
            0x08 => TensorType.UInt8,
            0x09 => TensorType.Int8,
            0x0b => TensorType.Int16,
            0x0c => TensorType.Int32,
            0x0d => TensorType.Float32,
            0x0e => TensorType.Float64,
            _ => null,
        };
        if (magic[0] != 0 || magic[1] != 0 || type is null || magic[3] is 0 or > MaxDimensions)
        {
            throw file.Error($"is no IDX file: it begins with {Convert.ToHexStringLower(magic)}; legal are 0000, a type of 08, 09, 0b, 0c, 0d or 0e, "
                + $"and 01 to {MaxDimensions:x2} dimensions");
        }

        Span<byte> dimensions = stackalloc byte[4 * magic[3]];
        file.ReadExactly(dimensions, "its dimensions");
        var shape = new long[magic[3]];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = BinaryPrimitives.ReadUInt32BigEndian(dimensions[(4 * i)..]);
        }

        return new TensorFile(file, magic.Length + dimensions.Length, type.Value, bigEndian: true, shape);
    }
}
