using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Tests.Storage;
using Serverless.Core.Validation;
using Serverless.Testing;

namespace Serverless.Core.Tests.Datasets.Import;

[Collection(AzuriteCollection.Name)]
public sealed class CsvImportTests(AzuriteServer azurite) : ImportTests(azurite)
{
    [Fact]
    public async Task Import_TextLabels_BecomeClassesInOrdinalOrder()
    {
        var result = await ImportAsync(Csv("length,width,kind\n1.5,2,virginica\n-3e-1,4,setosa\n5,6,setosa\n", "length,width,kind\n7,8,virginica\n9,10,setosa\n"));
        Assert.Equal(ImportOutcome.Created, result.Outcome);
        Assert.Equal(["setosa", "virginica"], result.Train.Label.Classes);
        Assert.Equal(LabelKind.Class, result.Train.Label.Kind);
        Assert.Equal(["length", "width"], result.Train.Features.Names);
        Assert.Equal([2], result.Train.Features.Shape);
        Assert.Equal(FeatureType.Float32, result.Train.Features.Type);
        var rows = await RowsAsync(result.Train);
        var seen = (await FloatsAsync(result.Train)).Zip(rows, (features, row) => (features[0], features[1], Class(result.Train, row))).Order().ToArray();
        Assert.Equal([(-0.3f, 4f, 0), (1.5f, 2f, 1), (5f, 6f, 0)], seen);

        // The test split keeps the order of its file.
        Assert.Equal([7f, 9f], (await FloatsAsync(result.Test!)).Select(features => features[0]));
        Assert.Equal([1, 0], (await RowsAsync(result.Test!)).Select(row => Class(result.Test!, row)));
        Assert.Null(result.Test!.ShuffleSeed);
        Assert.Equal(0, result.Train.ShuffleSeed);
    }

    [Theory]
    [InlineData("1,2,0\n3,4,1\n", "last", "0,1", null)]
    [InlineData("0,1,2\n1,3,4\n", "first", "0,1", null)]
    [InlineData("1,0,2\n3,1,4\n", "2", "0,1", null)]
    [InlineData("a,kind,b\n1,x,2\n3,y,4\n", "kind", "x,y", "a,b")]
    [InlineData("a,kind,b\n1,x,2\n3,y,4\n", "2", "x,y", "a,b")]
    [InlineData("1,2,yes\n3,4,no\n", "last", "no,yes", null)]
    [InlineData("\"a b\";\"kind\";\"c;d\"\n1;\"x;1\";2\n3;y;4\n", "kind", "x;1,y", "a b,c;d")]
    [InlineData("1\t2\t10\r\n3\t4\t9\r\n", "last", "9,10", null)]
    [InlineData("\uFEFFa,b,kind\n1,2,-1\n\n3,4,1.0\n", "last", "-1,1", "a,b")]
    [InlineData(" 1 , 2 , 0 \n 3 , 4 , 1 ", "last", "0,1", null)]
    public async Task Import_AnyLayout_FindsHeaderAndLabel(string csv, string label, string classes, string? names)
    {
        var result = await ImportAsync(Csv(csv) with { Label = LabelColumn.Parse(label) });
        Assert.Equal(2, result.Train.Rows);
        Assert.Equal(classes.Split(','), result.Train.Label.Classes);
        Assert.Equal(names?.Split(','), result.Train.Features.Names);
        var numbers = classes is "0,1" && label == "first" ? new float[] { 1, 2, 3, 4 } : [1, 2, 3, 4];
        Assert.Equal(numbers, (await FloatsAsync(result.Train)).OrderBy(features => features[0]).SelectMany(features => features));
    }

    [Fact]
    public async Task Import_HeaderOfNumbers_IsOneWhenAnnounced()
    {
        var options = Csv("0,1,2\n5,6,1\n7,8,0\n");
        Assert.Equal(3, (await ImportAsync(options)).Train.Rows);
        var result = await ImportAsync(options with { Header = true, Overwrite = true });
        Assert.Equal(2, result.Train.Rows);
        Assert.Equal(["0", "1"], result.Train.Features.Names);
    }

    [Fact]
    public async Task Import_NumbersWithAFraction_AreValuesToPredict()
    {
        var result = await ImportAsync(Csv("a,b,price\n1,2,100.5\n3,4,-7\n"));
        Assert.Equal(LabelKind.Value, result.Train.Label.Kind);
        Assert.Empty(result.Train.Label.Classes);
        Assert.Equal([-7f, 100.5f], (await RowsAsync(result.Train)).Select(row => BitConverter.ToSingle(row, 8)).Order());
        Assert.Equal([46.75f], result.Baseline.Values!.Mean);
    }

    [Fact]
    public async Task Import_WholeNumbersAsValues_AreValuesWhenAsked()
    {
        var result = await ImportAsync(Csv("1,2,10\n3,4,20\n") with { LabelKind = LabelKind.Value });
        Assert.Equal(LabelKind.Value, result.Train.Label.Kind);
        Assert.Equal([10f, 20f], (await RowsAsync(result.Train)).Select(row => BitConverter.ToSingle(row, 8)).Order());
    }

    [Fact]
    public async Task Import_GivenClasses_AreNamesOrIndices()
    {
        var byIndex = await ImportAsync(Csv("1,2,0\n3,4,2\n") with { Classes = ["cat", "dog", "owl"] });
        Assert.Equal(["cat", "dog", "owl"], byIndex.Train.Label.Classes);
        Assert.Equal([0, 2], (await RowsAsync(byIndex.Train)).Select(row => Class(byIndex.Train, row)).Order());
        var byName = await ImportAsync(Csv("1,2,owl\n3,4,dog\n") with { Classes = ["cat", "dog", "owl"], Overwrite = true });
        Assert.Equal([1, 2], (await RowsAsync(byName.Train)).Select(row => Class(byName.Train, row)).Order());
    }

    [Fact]
    public async Task Import_ShapeScaleAndType_AreRecorded()
    {
        var result = await ImportAsync(Csv("0,16,8,4,1\n16,0,2,1,0\n") with { Shape = ImportOptions.ParseShape("1,2,2"), Scale = ImportScaling.Parse("16"), Type = FeatureType.UInt8 });
        Assert.Equal([1, 2, 2], result.Train.Features.Shape);
        Assert.Equal(FeatureType.UInt8, result.Train.Features.Type);
        Assert.Equal([1f / 16], result.Train.Scaling.Scale);
        Assert.Equal([0, 2, 1, 0], (await RowsAsync(result.Train)).Single(row => row[0] == 16)[1..5]);
    }

    [Fact]
    public async Task Import_StandardScaling_GivesMeanZeroAndDeviationOne()
    {
        var random = new Random(1);
        var csv = string.Concat(Enumerable.Range(0, 500).Select(i => FormattableString.Invariant($"{random.NextDouble() * 1000},{5 + random.NextDouble()},3,{i % 2}\n")));
        var result = await ImportAsync(Csv(csv) with { Scale = ImportScaling.Standard });
        using var reader = Store.OpenReader(result.Train);
        using var slice = new SliceReader(reader, 0, 500, 500);
        var features = new float[1500];
        await slice.ReadBatchAsync(0, new BatchTarget(features, new long[500]));
        for (var column = 0; column < 2; column++)
        {
            var values = features.Where((_, i) => i % 3 == column).ToArray();
            Assert.InRange(values.Average(), -1e-4, 1e-4);
            Assert.InRange(values.Average(value => (double)value * value), 0.999, 1.001);
        }

        // A feature that never changes.
        Assert.All(features.Where((_, i) => i % 3 == 2), value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData("1,2,0\n3,4,1\n5,0\n", "train", "has 2 fields in line 3; the lines before have 3")]
    [InlineData("a,b,c\n\n1,2,0\n3,4,5,1\n", "train", "has 4 fields in line 4")]
    [InlineData("1,2,0\n3,,1\n", "train", "has nothing in column 2 of line 2")]
    [InlineData("a,b,c\n1,2,0\n3,x,1\n", "train", "has 'x' in column 2 ('b') of line 3")]
    [InlineData("1,2,0\n3,4,\n", "train", "has no label in line 2")]
    [InlineData("1,2,0\nnan,4,1\n5,inf,1\n", "train", "has 2 values that are NaN, infinite or too large for float32; the first is column 1 of line 2: NaN")]
    [InlineData("1,2,0\n3,-1e39,1\n", "train", "has 1 values that are NaN, infinite or too large for float32; the first is column 2 of line 2: negative infinite")]
    [InlineData("1,2,0.5\n3,4,nan\n", "train", "the first is column 3 of line 2: NaN")]
    [InlineData("1,2,\"a\n3,4,b\n", "train", "cannot be read at line 1")]
    [InlineData("1,2,\"a\"x\n3,4,b\n", "train", "cannot be read at line 1")]
    [InlineData("a,b,c\n", "train", "has a header and no rows")]
    [InlineData("\n\n", "train", "has no rows")]
    [InlineData("", "train", "is empty")]
    [InlineData("1\n2\n", "train", "has 1 column")]
    public async Task Import_BadFile_IsRefusedWithItsPlace(string csv, string field, string expected)
    {
        await RefusedAsync(Csv(csv), field, expected);
    }

    [Fact]
    public async Task Import_BadOptionsForTheFile_AreRefusedWithWhatIsLegal()
    {
        var good = Csv("length,width,kind\n1,2,x\n3,4,y\n");
        await RefusedAsync(good with { Label = LabelColumn.Parse("knd") }, "label", "did you mean \"kind\"?; its columns are length, width, kind; legal are also first, last and numbers from 1 to 3");
        await RefusedAsync(good with { Label = LabelColumn.Parse("4") }, "label", "'4' is no column");
        await RefusedAsync(good with { Shape = [3] }, "shape", "is 3, which makes 3 features;");
        await RefusedAsync(good with { LabelKind = LabelKind.Value }, "train", "has the label 'x' in line 2; labels of the kind value are numbers");
        await RefusedAsync(good with { Classes = ["x", "z"] }, "train", "has 1 rows with labels that are no classes; the first is 'y' in line 3; legal are x, z");
        await RefusedAsync(Csv("1,2,0\n3,4,5\n") with { Classes = ["a", "b"] }, "train", "the first is '0' in line 1; legal are a, b");
        await RefusedAsync(Csv("1,300,0\n3,4.5,1\n") with { Type = FeatureType.UInt8 }, "train", "has 2 values that are no whole numbers of 0..255 as the type uint8 asks for; the first is column 2 of line 1: 300");
        await RefusedAsync(good with { Name = "../etc" }, "name", "\"../etc\"");
        await RefusedAsync(good with { PartBytes = 1 }, "partBytes", "is 1; legal 4096..67108864");
        await RefusedAsync(good with { Train = new SourceFiles("/nowhere/x.csv") }, "train", "'/nowhere/x.csv' does not exist");
        await RefusedAsync(good with { Train = new SourceFiles(Files.Folder) }, "train", "is a folder");
        await RefusedAsync(good with { Train = new SourceFiles(good.Train.Features, good.Train.Features) }, "train", "in CSV the label is a column");
        await RefusedAsync(good with { TemporaryFolder = "/nowhere" }, "temporaryFolder", "'/nowhere' cannot hold the rows");
    }

    [Theory]
    [InlineData("a,b,kind\n1,2,z\n1,2,z\n3,4,x\n", "has 2 rows with labels that are no classes; the first is 'z' in line 2; legal are x, y")]
    [InlineData("a,b,c,kind\n1,2,3,x\n", "has 3 features (3) and 1 numbers a label; the train split has 2 and 1")]
    [InlineData("b,a,kind\n1,2,x\n", "names feature 1 'b'; in the train split it is 'a'")]
    [InlineData("a,b,kind\n1,nan,x\n", "has 1 values that are NaN")]
    public async Task Import_TestSplitThatDoesNotFit_IsRefused(string test, string expected)
    {
        await RefusedAsync(Csv("a,b,kind\n1,2,x\n3,4,y\n", test), "test", expected);
    }

    [Fact]
    public async Task Import_TooManyLabels_SaysHowToPredictNumbers()
    {
        var csv = string.Concat(Enumerable.Range(0, LabelSpec.MaxClasses + 1).Select(i => $"{i % 10},{i}\n"));
        await RefusedAsync(Csv(csv), "train", "has more than 65536 different labels, too many for classes; if they are numbers to be predicted, give the label kind value");
        Assert.Equal(LabelSpec.MaxClasses + 1, (await ImportAsync(Csv(csv) with { LabelKind = LabelKind.Value })).Train.Rows);
    }

    private async Task RefusedAsync(ImportOptions options, string field, string expected)
    {
        var exception = await Assert.ThrowsAsync<ValidationException>(() => ImportAsync(options));
        var error = Assert.Single(exception.Errors);
        Assert.Equal(field, error.Field);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Empty(await BlobsAsync());
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), "serverless-import-*.tmp"));
    }
}
