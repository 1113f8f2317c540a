using System.Buffers.Binary;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Tensors;

namespace Serverless.Core.Tests.Tensors;

public class SafetensorsWriterTests
{
    private static readonly float[] Weights = [1, -2.5f, 3, 4, 5, float.NaN];

    [Fact]
    public void OpenRead_File_IsWhatTheFormatSaysReadByHand()
    {
        var file = TensorFiles.ToBytes(
            [new SafetensorsTensor("weight", [2, 3], Weights), new SafetensorsTensor("größe \"q\"", TensorType.UInt8, [3], new byte[] { 7, 8, 9 })],
            new Dictionary<string, string> { ["steps"] = "16", ["lossSum"] = "0.5" });

        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.Equal(0, (8 + length) % 8);
        using var json = JsonDocument.Parse(file.AsMemory(8, length));
        Assert.Equal(["__metadata__", "weight", "größe \"q\""], json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal("16", json.RootElement.GetProperty("__metadata__").GetProperty("steps").GetString());
        var weight = json.RootElement.GetProperty("weight");
        Assert.Equal("F32", weight.GetProperty("dtype").GetString());
        Assert.Equal([2, 3], weight.GetProperty("shape").EnumerateArray().Select(number => number.GetInt32()));
        Assert.Equal([0, 24], weight.GetProperty("data_offsets").EnumerateArray().Select(number => number.GetInt32()));
        for (var i = 0; i < Weights.Length; i++)
        {
            Assert.Equal(Weights[i], BinaryPrimitives.ReadSingleLittleEndian(file.AsSpan(8 + length + (4 * i))));
        }

        Assert.Equal([7, 8, 9], file[^3..]);
        Assert.Equal(8 + length + 27, file.Length);
    }

    [Fact]
    public void OpenRead_MetadataInAnyOrder_GivesTheSameBytes()
    {
        var one = TensorFiles.ToBytes([new SafetensorsTensor("w", Weights)], new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" });
        var other = TensorFiles.ToBytes([new SafetensorsTensor("w", Weights)], new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" });
        Assert.Equal(one, other);
    }

    [Fact]
    public void OpenRead_MemoryChangedAfterwards_IsSeenBecauseNothingIsCopied()
    {
        var values = new float[] { 1, 2 };
        using var stream = SafetensorsWriter.OpenRead([new SafetensorsTensor("w", values)]);
        values[1] = 42;
        stream.Seek(-4, SeekOrigin.End);
        var last = new byte[4];
        stream.ReadExactly(last);
        Assert.Equal(42, BitConverter.ToSingle(last));
    }

    [Fact]
    public void OpenRead_LargeTensor_AllocatesNoneOfIt()
    {
        var values = new float[4_000_000];
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var stream = SafetensorsWriter.OpenRead([new SafetensorsTensor("w", values)]);
        stream.CopyTo(Stream.Null);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024);
    }

    [Fact]
    public void OpenRead_AnyTensors_EveryWayOfReadingGivesTheSameBytes()
    {
        Prop.ForAll(TensorFiles.Files, Gen.Choose(1, 40).ToArbitrary(), (file, step) =>
        {
            var expected = TensorFiles.ToBytes(file.Tensors, file.Metadata);
            using var stream = SafetensorsWriter.OpenRead(file.Tensors, file.Metadata);
            Assert.Equal(expected.Length, stream.Length);

            // As a retry does: from the beginning, from the middle, in small pieces.
            for (var start = 0L; start <= expected.Length; start += 1 + (expected.Length / 3))
            {
                stream.Position = start;
                var copy = new MemoryStream();
                stream.CopyTo(copy);
                Assert.Equal(expected[(int)start..], copy.ToArray());

                stream.Position = start;
                copy = new MemoryStream();
                stream.CopyToAsync(copy).GetAwaiter().GetResult();
                Assert.Equal(expected[(int)start..], copy.ToArray());

                stream.Seek(start, SeekOrigin.Begin);
                var piece = new byte[step];
                copy = new MemoryStream();
                for (int read; (read = stream.Read(piece, 0, step)) > 0;)
                {
                    copy.Write(piece, 0, read);
                }

                Assert.Equal(expected[(int)start..], copy.ToArray());
                Assert.Equal(0, stream.Read(piece));
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Seek_BeforeTheBeginning_Throws()
    {
        using var stream = SafetensorsWriter.OpenRead([new SafetensorsTensor("w", Weights)]);
        Assert.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Position = -1);
    }

    [Theory]
    [InlineData(new long[] { 5 }, "is 20 bytes, the data has 24")]
    [InlineData(new long[] { 2, -3 }, "not a whole number of bytes")]
    [InlineData(new long[] { long.MaxValue, 4 }, "not a whole number of bytes")]
    public void Tensor_ShapeThatDoesNotFit_IsRefused(long[] shape, string expected)
    {
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => new SafetensorsTensor("w", shape, Weights)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenRead_ReservedOrRepeatedNames_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new SafetensorsTensor("__metadata__", Weights));
        var exception = Assert.Throws<ArgumentException>(() => SafetensorsWriter.OpenRead([new SafetensorsTensor("w", Weights), new SafetensorsTensor("w", Weights)]));
        Assert.Contains("Two tensors are named 'w'", exception.Message, StringComparison.Ordinal);
    }
}
