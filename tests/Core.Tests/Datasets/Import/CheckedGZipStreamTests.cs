using Serverless.Core.Datasets.Import;

namespace Serverless.Core.Tests.Datasets.Import;

public class CheckedGZipStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(65_519)]
    [InlineData(65_520)]
    [InlineData(65_521)]
    [InlineData(65_536)]
    [InlineData(300_000)]
    public void Read_CompleteFile_GivesItsContent(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        Assert.Equal(content, Read(SourceBuilder.Compress(content)));
    }

    [Fact]
    public void Read_SeveralMembers_GivesThemAll()
    {
        var content = new byte[100_000];
        new Random(1).NextBytes(content);
        Assert.Equal(content, Read([.. SourceBuilder.Compress(content[..70_000]), .. SourceBuilder.Compress(content[70_000..])]));
    }

    [Fact]
    public void Read_FileCutAnywhere_IsRefused()
    {
        var content = new byte[3000];
        new Random(2).NextBytes(content.AsSpan(0, 1000));
        var compressed = SourceBuilder.Compress(content);
        for (var length = 2; length < compressed.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => Read(compressed[..length]));
        }
    }

    [Fact]
    public void Read_ChangedByte_IsRefusedOrHarmless()
    {
        var content = new byte[3000];
        new Random(3).NextBytes(content.AsSpan(0, 1000));
        var compressed = SourceBuilder.Compress(content);
        var refused = 0;
        for (var at = 0; at < compressed.Length; at++)
        {
            var changed = (byte[])compressed.Clone();
            changed[at] ^= 0x10;

            // Harmless are the time in the header and the bits that fill up the last byte.
            var exception = Record.Exception(() => Assert.Equal(content, Read(changed)));
            Assert.True(exception is null or InvalidDataException, $"byte {at}: {exception}");
            refused += exception is null ? 0 : 1;
        }

        Assert.InRange(refused, compressed.Length - 20, compressed.Length);
    }

    [Fact]
    public void Read_SomethingElseBehindTheFile_IsRefused()
    {
        Assert.Throws<InvalidDataException>(() => Read([.. SourceBuilder.Compress([1, 2, 3]), 4, 5, 6]));
    }

    private static byte[] Read(byte[] compressed)
    {
        using var stream = new CheckedGZipStream(new MemoryStream(compressed));
        var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
