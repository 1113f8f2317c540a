using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Serverless.Cli.Api;
using Serverless.Cli.Predictions;
using Serverless.Core.Validation;

namespace Serverless.Cli.Tests.Predictions;

public sealed class RowFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("rows.csv", "1,2,3\n4,5,6\n")]
    [InlineData("rows.csv", "a,b,c\n1,2,3\n4, 5,6")]
    [InlineData("rows.json", "[[1, 2, 3], [4, 5, 6]]")]
    [InlineData("rows.json", "[[[1], [2], [3]], [[4], [5], [6]]]")]
    public void Read_TextFile_GivesItsRows(string name, string content)
    {
        var rows = RowFile.Read(Write(name, content));

        Assert.Equal((2, 3), (rows.Count, rows.Width));
        Assert.Equal([1f, 2, 3, 4, 5, 6], rows.Values);
    }

    [Fact]
    public void Read_GzippedNpyOfBytes_GivesItsRows()
    {
        var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 2), }".PadRight(117) + "\n";
        byte[] npy = [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), 0, 255, 7, 8];
        using (var gzip = new GZipStream(File.Create(_folder.File("rows.npy.gz")), CompressionMode.Compress))
        {
            gzip.Write(npy);
        }

        var rows = RowFile.Read(_folder.File("rows.npy.gz"));

        Assert.Equal((2, 2), (rows.Count, rows.Width));
        Assert.Equal([0f, 255, 7, 8], rows.Values);
    }

    [Theory]
    [InlineData("rows.csv", "1,2\n3,x\n", "line 2", "'x'")]
    [InlineData("rows.csv", "1,2\n3\n", "line 2", "1 numbers")]
    [InlineData("rows.csv", "a,b\n", "0 rows", "1 to")]
    [InlineData("rows.json", "{\"rows\": []}", "no JSON array", "[[1, 2, 3]")]
    [InlineData("rows.json", "[[1, 2], [3, null]]", "row 2", "null")]
    [InlineData("rows.json", "[[1, 2], [3, 4, 5]]", "row 2", "3 numbers")]
    [InlineData("rows.json", "[[1, 2", "not valid JSON", "rows.json")]
    [InlineData("rows.txt", "1,2", "'.txt'", ".npy, .csv and .json")]
    public void Read_BadFile_SaysWhereAndWhatIsNeeded(string name, string content, string where, string what)
    {
        var failure = Assert.Throws<ValidationException>(() => RowFile.Read(Write(name, content)));

        Assert.Equal("input", failure.Errors[0].Field);
        Assert.Contains(where, failure.Errors[0].Message, StringComparison.Ordinal);
        Assert.Contains(what, failure.Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_ByteInput_SendsBytes()
    {
        var rows = new RawRows("rows.csv", 2, 2, [0, 255, 7, 8]).For(new TensorDescription("input", "UINT8", [-1, 1, 2]));

        Assert.Equal(2, rows.Count);
        Assert.Equal([0, 255, 7, 8], rows.Bytes.ToArray());
    }

    [Fact]
    public void For_FloatInput_SendsFloats()
    {
        var rows = new RawRows("rows.csv", 1, 2, [1.5f, -2]).For(new TensorDescription("input", "FP32", [-1, 2]));

        Assert.Equal([1.5f, -2f], MemoryMarshal.Cast<byte, float>(rows.Bytes.Span).ToArray());
    }

    [Theory]
    [InlineData(256)]
    [InlineData(-1)]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    public void For_ByteInputAndOtherNumber_NamesNumberAndRange(float number)
    {
        var failure = Assert.Throws<ValidationException>(() => new RawRows("rows.csv", 1, 1, [number]).For(new TensorDescription("input", "UINT8", [-1, 1])));

        Assert.Contains("0 to 255", failure.Errors[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT64", "FFFFFFFFFFFFFFFF0300000000000000")]
    [InlineData("INT16", "FFFF0300")]
    [InlineData("FP64", "000000000000F0BF0000000000000840")]
    [InlineData("FP16", "00BC0042")]
    public void For_OtherTypes_SendsThem(string datatype, string bytes)
    {
        var rows = new RawRows("rows.csv", 1, 2, [-1, 3]).For(new TensorDescription("input", datatype, [-1, 2]));

        Assert.Equal(bytes, Convert.ToHexString(rows.Bytes.Span));
    }

    [Theory]
    [InlineData("BOOL", 2f, "0 to 1")]
    [InlineData("UINT64", -1f, "0 to")]
    [InlineData("INT32", 16777218f, "16777216")]
    [InlineData("BYTES", 1f, "sends numbers")]
    public void For_NumberOrTypeThatCannotBeSent_SaysWhatCan(string datatype, float number, string expected)
    {
        var failure = Assert.Throws<ValidationException>(() => new RawRows("rows.csv", 1, 1, [number]).For(new TensorDescription("input", datatype, [-1, 1])));

        Assert.Contains(expected, failure.Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_WrongWidth_NamesBothShapes()
    {
        var failure = Assert.Throws<ValidationException>(() => new RawRows("rows.csv", 1, 3, [1, 2, 3]).For(new TensorDescription("input", "FP32", [-1, 1, 28, 28])));

        Assert.Contains("3 numbers a row", failure.Errors[0].Message, StringComparison.Ordinal);
        Assert.Contains("[-1, 1, 28, 28]", failure.Errors[0].Message, StringComparison.Ordinal);
        Assert.Contains("784", failure.Errors[0].Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string content)
    {
        File.WriteAllText(_folder.File(name), content);
        return _folder.File(name);
    }
}
