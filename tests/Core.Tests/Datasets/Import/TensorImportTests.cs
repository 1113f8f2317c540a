using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Tests.Storage;
using Serverless.Core.Validation;
using Serverless.Testing;
using static Serverless.Core.Tests.Datasets.Import.SourceBuilder;

namespace Serverless.Core.Tests.Datasets.Import;

[Collection(AzuriteCollection.Name)]
public sealed class TensorImportTests(AzuriteServer azurite) : ImportTests(azurite)
{
    private static readonly byte[] IdxLabels = Idx(0x08, [3], [2, 0, 2]);

    [Fact]
    public async Task Import_IdxImages_GetAChannelAndAreDividedBy255()
    {
        var result = await ImportAsync(Tensors(SourceFormat.Idx, Idx(0x08, [3, 2, 2], [0, 1, 2, 3, 10, 11, 12, 13, 255, 254, 253, 252]), IdxLabels));
        Assert.Equal([1, 2, 2], result.Train.Features.Shape);
        Assert.Equal(FeatureType.UInt8, result.Train.Features.Type);
        Assert.Equal([1f / 255], result.Train.Scaling.Scale);
        Assert.Equal(["0", "2"], result.Train.Label.Classes);
        Assert.Equal(8, result.Train.RowBytes);
        var rows = (await RowsAsync(result.Train)).OrderBy(row => row[0]).ToArray();
        Assert.Equal([0, 1, 2, 3, 1, 0, 0, 0], rows[0]);
        Assert.Equal([10, 11, 12, 13, 0, 0, 0, 0], rows[1]);
        Assert.Equal([255, 254, 253, 252, 1, 0, 0, 0], rows[2]);
    }

    [Theory]
    [InlineData(0x09, new byte[] { 0xff, 2, 3 }, new float[] { -1, 2, 3 })]
    [InlineData(0x0b, new byte[] { 0xff, 0xfe, 0, 2, 1, 0 }, new float[] { -2, 2, 256 })]
    [InlineData(0x0c, new byte[] { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2, 0, 1, 0, 0 }, new float[] { -1, 2, 65536 })]
    [InlineData(0x0d, new byte[] { 0xbf, 0x80, 0, 0, 0x3f, 0, 0, 0, 0x40, 0, 0, 0 }, new float[] { -1, 0.5f, 2 })]
    [InlineData(0x0e, new byte[] { 0xbf, 0xf0, 0, 0, 0, 0, 0, 0, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0 }, new float[] { -1, 0.5f, 2 })]
    public async Task Import_IdxOfAnyType_IsReadBigEndian(byte type, byte[] elements, float[] expected)
    {
        var result = await ImportAsync(Tensors(SourceFormat.Idx, Idx(type, [3], elements), IdxLabels));
        Assert.Equal([1], result.Train.Features.Shape);
        Assert.Equal(expected, (await FloatsAsync(result.Train)).Select(features => features[0]).Order());
    }

    public static TheoryData<string, byte[]> NpyElements => new()
    {
        { "|b1", [0, 1, 1, 0, 1, 0] },
        { "|u1", [0, 1, 2, 3, 4, 5] },
        { "|i1", Bytes<sbyte>(0, 1, 2, 3, 4, 5) },
        { "<u2", Bytes<ushort>(0, 1, 2, 3, 4, 5) },
        { "<i2", Bytes<short>(0, 1, 2, 3, 4, 5) },
        { "<u4", Bytes<uint>(0, 1, 2, 3, 4, 5) },
        { "<i4", Bytes<int>(0, 1, 2, 3, 4, 5) },
        { "<u8", Bytes<ulong>(0, 1, 2, 3, 4, 5) },
        { "<i8", Bytes<long>(0, 1, 2, 3, 4, 5) },
        { "<f2", Bytes<Half>((Half)0, (Half)1, (Half)2, (Half)3, (Half)4, (Half)5) },
        { "<f4", Bytes<float>(0, 1, 2, 3, 4, 5) },
        { "<f8", Bytes<double>(0, 1, 2, 3, 4, 5) },
    };

    [Theory]
    [MemberData(nameof(NpyElements))]
    public async Task Import_NpyOfAnyType_GivesItsNumbers(string type, byte[] elements)
    {
        var labels = Npy("<i8", "(3,)", Bytes<long>(7, 5, 7), version: 2);
        var result = await ImportAsync(Tensors(SourceFormat.Npy, Npy(type, "(3, 2)", elements), labels) with { Type = FeatureType.Float32, Scale = ImportScaling.None });
        Assert.Equal([2], result.Train.Features.Shape);
        Assert.Equal(["5", "7"], result.Train.Label.Classes);
        float[] expected = type == "|b1" ? [0, 1, 1, 0, 1, 0] : [0, 1, 2, 3, 4, 5];
        Assert.Equal(expected.Order(), (await FloatsAsync(result.Train)).SelectMany(features => features).Order());
    }

    [Fact]
    public async Task Import_NpyFloatLabels_AreValuesOfTheirWidth()
    {
        var result = await ImportAsync(Tensors(SourceFormat.Npy, Npy("<f4", "(2, 3)", Bytes<float>(1, 2, 3, 4, 5, 6), version: 3), Npy("<f8", "(2, 2)", Bytes<double>(0.5, 1, 1.5, 2))));
        Assert.Equal(LabelKind.Value, result.Train.Label.Kind);
        Assert.Equal(2, result.Train.Label.Width);
        using var reader = Store.OpenReader(result.Train);
        using var slice = new SliceReader(reader, 0, 2, 2);
        var (features, values) = (new float[6], new float[4]);
        await slice.ReadBatchAsync(0, new BatchTarget(features, values));
        var first = features[0] == 1 ? 0 : 1;
        Assert.Equal([0.5f, 1f], values[(2 * first)..][..2]);
        Assert.Equal([1.5f, 2f], values[(2 * (1 - first))..][..2]);
    }

    [Fact]
    public async Task Import_FloatLabelsThatAreWhole_AreClassesWhenAsked()
    {
        var options = Tensors(SourceFormat.Npy, Npy("<f4", "(2,)", Bytes<float>(1, 2)), Npy("<f4", "(2,)", Bytes<float>(3, 1)));
        Assert.Equal(LabelKind.Value, (await ImportAsync(options)).Train.Label.Kind);
        Assert.Equal(["1", "3"], (await ImportAsync(options with { LabelKind = LabelKind.Class, Overwrite = true })).Train.Label.Classes);
    }

    [Fact]
    public async Task Import_CompressedFile_GivesTheSameDataset()
    {
        var images = Idx(0x08, [3, 2, 2], [0, 1, 2, 3, 10, 11, 12, 13, 255, 254, 253, 252]);
        var plain = await ImportAsync(Tensors(SourceFormat.Idx, images, IdxLabels));
        var packed = await ImportAsync(Tensors(SourceFormat.Idx, Compress(images), Compress(IdxLabels)));
        Assert.Equal(ImportOutcome.Unchanged, packed.Outcome);
        Assert.Equal(plain.Train.Sha256, packed.Train.Sha256);
    }

    public static TheoryData<string, byte[], byte[]> BadFiles => new()
    {
        { "is no IDX file: it begins with 01020304", [1, 2, 3, 4, 5], IdxLabels },
        { "is no IDX file: it begins with 00000703", Idx(7, [3, 1, 1], [1, 2, 3]), IdxLabels },
        { "ends 2 bytes into its first number", [0, 0], IdxLabels },
        { "has 10 bytes; its header with the shape [3] of U8 makes 11", Idx(8, [3], [1, 2]), IdxLabels },
        { "has 12 bytes; its header with the shape [3] of U8 makes 11", Idx(8, [3], [1, 2, 3, 4]), IdxLabels },
        { "ends 3 bytes into its dimensions, which has 8", [0, 0, 8, 2, 0, 0, 0], IdxLabels },
        { "has no rows: its shape is [0, 2]", Idx(8, [0, 2], []), IdxLabels },
        { "has the shape [3, 4294967295]", Idx(8, [3, -1], []), IdxLabels },
        { "has 2 labels", Idx(8, [3], [1, 2, 3]), Idx(8, [2], [1, 2]) },
        { "has 2 numbers a label; a class is one number", Idx(8, [3], [1, 2, 3]), Idx(8, [3, 2], [1, 2, 3, 4, 5, 6]) },
        { "the compressed file is damaged or cut off", Compress(Idx(8, [3], [1, 2, 3]))[..^3], IdxLabels },
        { "is damaged", [.. Compress(Idx(8, [3], [1, 2, 3]))[..^8], 1, 2, 3, 4, 0, 0, 0, 0], IdxLabels },
        { "ends 2 bytes into a block of 3 elements", Compress(Idx(8, [3], [1, 2])), IdxLabels },
        { "goes on after its 3 rows", Compress(Idx(8, [3], [1, 2, 3, 4])), IdxLabels },
        { "has 1 values that are NaN, infinite or too large for float32; the first is feature 0 of row 1", Idx(0x0d, [3], [0, 0, 0, 0, 0x7f, 0xc0, 0, 0, 0, 0, 0, 0]), IdxLabels },
        { "too large for float32; the first is feature 0 of row 0", Idx(0x0e, [3], [0x7f, 0xe0, 0, 0, 0, 0, 0, 0, .. new byte[16]]), IdxLabels },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task Import_BadIdx_IsRefused(string expected, byte[] features, byte[] labels)
    {
        await RefusedAsync(Tensors(SourceFormat.Idx, features, labels), expected);
    }

    public static TheoryData<string, byte[]> BadNpy => new()
    {
        { "is no NumPy file: it begins with 504b0304", [0x50, 0x4b, 3, 4, 5, 6, 7, 8, 9] },
        { "is a NumPy file of version 4.0; known are 1 to 3", Npy("<f4", "(2,)", Bytes<float>(1, 2), version: 4) },
        { "is in Fortran order", Npy("<f4", "(2, 2)", Bytes<float>(1, 2, 3, 4), order: "True") },
        { "holds elements of type '>f4'", Npy(">f4", "(2,)", Bytes<float>(1, 2)) },
        { "holds elements of type '<c8'", Npy("<c8", "(1,)", Bytes<float>(1, 2)) },
        { "holds elements of type '|O'", Npy("|O", "(2,)", Bytes<float>(1, 2)) },
        { "holds a single number", Npy("<f4", "()", Bytes<float>(1)) },
        { "has the shape (2, x)", Npy("<f4", "(2, x)", Bytes<float>(1, 2)) },
        { "has the shape (99999999999999999999,)", Npy("<f4", "(99999999999999999999,)", []) },
        { "its header with the shape [9223372036854775807, 2]", Npy("<f8", "(9223372036854775807, 2)", []) },
        { "legal is a dictionary", Npy("<f4', 'descr': '<f4", "(2,)", Bytes<float>(1, 2)) },
        { "legal is a dictionary", Npy("<f4", "__import__('os')", Bytes<float>(1, 2)) },
        { "claims a header of 4294967295 bytes; at most 10000 are allowed", [0x93, .. "NUMPY"u8, 2, 0, 255, 255, 255, 255] },
        { "has 136 bytes; its header with the shape [3] of F32 makes 140", Npy("<f4", "(3,)", Bytes<float>(1, 2)) },
    };

    [Theory]
    [MemberData(nameof(BadNpy))]
    public async Task Import_BadNpy_IsRefused(string expected, byte[] features)
    {
        await RefusedAsync(Tensors(SourceFormat.Npy, features, Npy("<i8", "(2,)", Bytes<long>(0, 1))), expected);
    }

    [Fact]
    public async Task Import_FeaturesWithoutLabels_IsRefused()
    {
        await RefusedAsync(Tensors(SourceFormat.Idx, IdxLabels, IdxLabels) with { Train = new SourceFiles(Files.Write(IdxLabels)) }, "lacks the file of labels; IDX needs two");
    }

    [Fact]
    public async Task Import_TestImagesOfAnotherShape_AreRefused()
    {
        var options = Tensors(SourceFormat.Idx, Idx(8, [3, 2, 2], new byte[12]), IdxLabels);
        options = options with { Test = new SourceFiles(Files.Write(Idx(8, [1, 3, 3], new byte[9])), Files.Write(Idx(8, [1], [0]))) };
        await RefusedAsync(options, "has 9 features (1 x 3 x 3) and 1 numbers a label; the train split has 4 and 1");
    }

    private async Task RefusedAsync(ImportOptions options, string expected)
    {
        var exception = await Assert.ThrowsAsync<ValidationException>(() => ImportAsync(options));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Empty(await BlobsAsync());
    }
}
