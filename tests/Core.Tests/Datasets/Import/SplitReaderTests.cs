using System.Text;
using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Validation;
using static Serverless.Core.Tests.Datasets.Import.SourceBuilder;

namespace Serverless.Core.Tests.Datasets.Import;

public sealed class SplitReaderTests : IDisposable
{
    private readonly SourceBuilder _files = new();

    [Theory]
    [InlineData(SourceFormat.Idx, false)]
    [InlineData(SourceFormat.Idx, true)]
    [InlineData(SourceFormat.Npy, false)]
    [InlineData(SourceFormat.Npy, true)]
    [InlineData(SourceFormat.Csv, false)]
    [InlineData(SourceFormat.Csv, true)]
    public void Read_AnyMutationOfAFile_IsReadOrRefusedAsInput(SourceFormat format, bool isCompressed)
    {
        var (features, labels) = format switch
        {
            SourceFormat.Idx => (Idx(0x08, [4, 2, 3], [.. Enumerable.Range(0, 24).Select(i => (byte)i)]), Idx(0x08, [4], [0, 1, 0, 1])),
            SourceFormat.Npy => (Npy("<f4", "(4, 2)", Bytes<float>(1, 2, 3, 4, 5, 6, 7, 8)), Npy("<i8", "(4,)", Bytes<long>(0, 1, 0, 1))),
            _ => (Encoding.UTF8.GetBytes("a,\"b c\",kind\n1,2.5,x\n-3e2,4,\"y\"\"z\"\n\n5,6,x\n"), null),
        };
        var read = 0;
        for (var seed = 0; seed < 600; seed++)
        {
            var random = new Random(seed);
            var mutated = Mutate(features, random);
            var options = new ImportOptions
            {
                Name = "x",
                Format = format,
                Train = new SourceFiles(_files.Write(isCompressed ? Compress(mutated) : mutated), labels is null ? null : _files.Write(labels)),
            };
            var exception = Record.Exception(() => ReadAll(options));
            Assert.True(exception is null or ValidationException, $"seed {seed}: {exception}");
            read += exception is null ? 1 : 0;
        }

        // Some are still good, or nothing but the first check was tested.
        Assert.InRange(read, 5, 595);
    }

    [Fact]
    public void Read_NarrowFeaturesWithWideLabels_TakesMemoryForABlockOfBoth()
    {
        var options = new ImportOptions
        {
            Name = "x",
            Format = SourceFormat.Npy,
            Train = new SourceFiles(_files.Write(Npy("|u1", "(100,)", new byte[100])), _files.Write(Npy("<f8", "(100, 65536)", new byte[100 * 65536 * 8]))),
        };
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(100, ReadAll(options));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16_000_000);
    }

    public void Dispose() => _files.Dispose();

    private static long ReadAll(ImportOptions options)
    {
        options.Validate();
        using var split = new SplitReader(options, null).Read(DatasetSplits.Train, options.Train, null, CancellationToken.None);
        _ = new LabelMap(options, split).Translate(split.Labels, split.Source);
        return split.Rows.Rows;
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var mutated = (byte[])bytes.Clone();
        for (var edits = random.Next(1, 3); edits > 0; edits--)
        {
            var at = random.Next(mutated.Length);
            mutated = random.Next(5) switch
            {
                0 => [.. mutated[..at], (byte)random.Next(256), .. mutated[(at + 1)..]],
                1 => [.. mutated[..at], .. mutated[Math.Min(mutated.Length, at + random.Next(4))..], 0],
                2 => [.. mutated[..at], mutated[at], .. mutated[at..]],
                3 => [.. mutated[..at], (byte)"0123456789,;\"\n-.{}()'"[random.Next(21)], .. mutated[(at + 1)..]],
                _ => [.. mutated[..at], (byte)(mutated[at] ^ (1 << random.Next(8))), .. mutated[(at + 1)..]],
            };
        }

        return mutated;
    }
}
