using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Serverless.Core.Tensors;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>
/// Reads the header of a NumPy array file, versions 1 to 3: a magic string, the version, the header's length, and a Python dictionary of element type, memory
/// order and
/// shape. Nothing is evaluated. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
/// </summary>
internal static partial class NpyFile
{
    // NumPy itself refuses longer ones unless told to trust the file.
    private const int MaxHeaderBytes = 10_000;

    // The groups of the expression below; each must be met once.
    private static readonly string[] Fields = ["type", "order", "shape"];

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <exception cref="ValidationException">The file is no NumPy file, holds something else than numbers in C order, or is not as long as its header
    /// says.</exception>
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
        Span<byte> prefix = stackalloc byte[8];
        file.ReadExactly(prefix, "its magic string");
        if (!prefix[..6].SequenceEqual(Magic))
        {
            throw file.Error($"is no NumPy file: it begins with {Convert.ToHexStringLower(prefix[..6])}; it should with {Convert.ToHexStringLower(Magic)}");
        }

        if (prefix[6] is < 1 or > 3)
        {
            throw file.Error($"is a NumPy file of version {prefix[6]}.{prefix[7]}; known are 1 to 3");
        }

        Span<byte> length = stackalloc byte[4];
        length.Clear();
        var lengthBytes = prefix[6] == 1 ? 2 : 4;
        file.ReadExactly(length[..lengthBytes], "the length of its header");
        var headerBytes = BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (headerBytes > MaxHeaderBytes)
        {
            throw file.Error($"claims a header of {headerBytes} bytes; at most {MaxHeaderBytes} are allowed");
        }

        var header = new byte[headerBytes];
        file.ReadExactly(header, "its header");
        var text = (prefix[6] == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(header).Trim();
        return Parse(file, text, prefix.Length + lengthBytes + header.Length);
    }

    private static TensorFile Parse(SourceFile file, string header, long headerBytes)
    {
        var match = Header().Match(header);
        if (!match.Success || Fields.Any(field => match.Groups[field].Captures.Count != 1))
        {
            throw file.Error($"has the header {ObjectReader.Quote(header)}; legal is a dictionary of 'descr' with one number type, 'fortran_order' "
                + $"and 'shape'");
        }

        var shape = new List<long>();
        foreach (var dimension in match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!long.TryParse(dimension, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                throw file.Error($"has the shape ({match.Groups["shape"].Value}); legal are whole numbers");
            }

            shape.Add(number);
        }

        if (match.Groups["order"].Value == "True" && shape.Count > 1)
        {
            throw file.Error("is in Fortran order; save it in C order: numpy.save(file, numpy.ascontiguousarray(array))");
        }

        var descr = match.Groups["type"].Value;
        TensorType? type = descr.TrimStart('<', '|', '=') switch
        {
            "b1" => TensorType.Bool,
            "u1" => TensorType.UInt8,
            "i1" => TensorType.Int8,
            "u2" => TensorType.UInt16,
            "i2" => TensorType.Int16,
            "u4" => TensorType.UInt32,
            "i4" => TensorType.Int32,
            "u8" => TensorType.UInt64,
            "i8" => TensorType.Int64,
            "f2" => TensorType.Float16,
            "f4" => TensorType.Float32,
            "f8" => TensorType.Float64,
            _ => null,
        };
        return type is { } known
            ? new TensorFile(file, headerBytes, known, bigEndian: false, shape)
            : throw file.Error($"holds elements of type '{ObjectReader.Quote(descr)}'; legal are little-endian b1, u1, u2, u4, u8, i1, i2, i4, i8, "
                + $"f2, f4 and f8");
    }

    [GeneratedRegex("""
        \A\{ (?: \s* (?: ['"]descr['"] \s*:\s* ['"](?<type>[^'"]{1,64})['"]
                       | ['"]fortran_order['"] \s*:\s* (?<order>True|False)
                       | ['"]shape['"] \s*:\s* \((?<shape>[^()]*)\) ) \s* ,? )* \s* \}\z
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Header();
}
