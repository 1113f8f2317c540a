using System.Text;
using System.Text.Json.Nodes;
using Serverless.Core.Datasets;

namespace Serverless.Core.Tests.Datasets;

public class DatasetManifestTests
{
    private static readonly DatasetManifest Manifest = Create();

    [Fact]
    public void Parse_OfToJson_GivesTheSameManifest()
    {
        var json = Manifest.ToJson();
        var parsed = DatasetManifest.Parse(json);
        Assert.Equal(json, parsed.ToJson());
        Assert.Equal(Manifest.Sha256, parsed.Sha256);
        Assert.Equal(["a", "b", "c"], parsed.Label.Classes);
        Assert.Equal([0.1f], parsed.Scaling.Scale);
    }

    [Fact]
    public void ToJson_Manifest_ReadsAsDocumented()
    {
        var json = JsonNode.Parse(Manifest.ToJson())!;
        Assert.Equal("uint8", (string?)json["features"]!["type"]);
        Assert.Equal("class", (string?)json["label"]!["kind"]);
        Assert.Equal(7, (int)json["shuffleSeed"]!);
        Assert.Null(json["baseline"]);
    }

    [Fact]
    public void Sha256_OfAChangedCopy_Differs()
    {
        Assert.NotEqual(Manifest.Sha256, (Manifest with { ShuffleSeed = 8 }).Sha256);
    }

    [Theory]
    [InlineData("format", "2", "format is 2; it must be 1")]
    [InlineData("name", "\"../secrets\"", "name is ../secrets; it must be 1 to 63")]
    [InlineData("split", "\"validation\"", "split is validation")]
    [InlineData("rows", "0", "rows is 0")]
    [InlineData("rows", "-5", "rows is -5")]
    [InlineData("rows", "6", "parts[1].rows is 1; it must be 2")]
    [InlineData("rows", "9223372036854775807", "parts is 2 parts")]
    [InlineData("rows", "1e3", "cannot be read")]
    [InlineData("rowBytes", "9", "rowBytes is 9; it must be 10")]
    [InlineData("partRows", "0", "partRows is 0")]
    [InlineData("parts", "[]", "parts is 0 parts; it must be 2")]
    [InlineData("parts", "null", "cannot be read")]
    [InlineData("parts", "[null, null]", "parts[0] is null")]
    [InlineData("features.type", "\"float64\"", "cannot be read")]
    [InlineData("features.type", "1", "cannot be read")]
    [InlineData("features.shape", "[]", "features.shape is 0 dimensions")]
    [InlineData("features.shape", "[2, 0]", "features.shape is [2, 0]")]
    [InlineData("features.shape", "[65536, 65536]", "features.shape is [65536, 65536]")]
    [InlineData("features.names", "[\"x\"]", "features.names is 1 names; it must be 6")]
    [InlineData("label.kind", "\"value\"", "label.classes is 3 classes; it must be none")]
    [InlineData("label.width", "2", "label.width is 2; it must be 1")]
    [InlineData("label.classes", "[]", "label.classes is 0 classes")]
    [InlineData("label.classes", "[\"a\",\"a\"]", "label.classes is a name missing or repeated")]
    [InlineData("scaling.scale", "[1,2]", "scaling.scale is 2 numbers; it must be 1 or 6")]
    [InlineData("scaling.offset", "[]", "scaling.offset is 0 numbers; it must be 1")]
    [InlineData("scaling.offset", "[1e60]", "scaling.offset is NaN or infinity")]
    [InlineData("baseline", "\"../../x.json\"", "baseline is ../../x.json")]
    [InlineData("test", "{\"rows\":0,\"manifestSha256\":\"\"}", "test.rows is 0")]
    [InlineData("test", "{\"rows\":1,\"manifestSha256\":\"zz\"}", "test.manifestSha256 is zz")]
    [InlineData("parts.0.name", "\"../../other/part\"", "parts[0].name is ../../other/part")]
    [InlineData("parts.0.bytes", "41", "parts[0].bytes is 41; it must be 40")]
    [InlineData("parts.0.sha256", "\"AB\"", "parts[0].sha256 is AB")]
    [InlineData("unknown", "1", "cannot be read")]
    public void Parse_FieldOutOfRange_IsRefusedWithItsValue(string path, string value, string expected)
    {
        var json = JsonNode.Parse(Manifest.ToJson())!;
        JsonNode node = json;
        var steps = path.Split('.');
        foreach (var step in steps[..^1])
        {
            node = int.TryParse(step, out var index) ? node[index]! : node[step]!;
        }

        node[steps[^1]] = JsonNode.Parse(value);
        var exception = Assert.Throws<InvalidDataException>(() => DatasetManifest.Parse(Encoding.UTF8.GetBytes(json.ToJsonString())));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_RequiredFieldMissingOrRepeated_IsRefused()
    {
        var json = Encoding.UTF8.GetString(Manifest.ToJson());
        foreach (var bad in new[] { json.Replace("\"rows\":5,", "", StringComparison.Ordinal), json.Replace("\"rows\":5,", "\"rows\":5,\"rows\":5,", StringComparison.Ordinal), "", "null", "[]" })
        {
            Assert.Throws<InvalidDataException>(() => DatasetManifest.Parse(Encoding.UTF8.GetBytes(bad)));
        }
    }

    [Fact]
    public void Parse_AnyMutation_IsReadOrRefusedAsInvalidData()
    {
        var json = Manifest.ToJson();
        var random = new Random(11);
        for (var i = 0; i < 5000; i++)
        {
            var mutated = (byte[])json.Clone();
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                mutated[random.Next(mutated.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"{}[]\",:0123456789-e."[random.Next(20)];
            }

            var exception = Record.Exception(() => DatasetManifest.Parse(mutated));
            Assert.True(exception is null or InvalidDataException, exception?.ToString());
        }
    }

    private static DatasetManifest Create()
    {
        var manifest = new DatasetManifest
        {
            Name = "tiny",
            Split = DatasetSplits.Train,
            Rows = 5,
            RowBytes = 10,
            Features = new FeatureSpec { Type = FeatureType.UInt8, Shape = [2, 3] },
            Label = new LabelSpec { Kind = LabelKind.Class, Classes = ["a", "b", "c"] },
            Scaling = new ScalingSpec { Offset = [0], Scale = [0.1f] },
            PartRows = 4,
            Parts = [Part(0, 4), Part(1, 1)],
            ShuffleSeed = 7,
        };
        manifest.Validate();
        return manifest;
    }

    private static PartInfo Part(int number, int rows)
    {
        var sha256 = new string((char)('a' + number), 64);
        return new PartInfo { Name = $"part-0000{number}-{sha256[..16]}", Rows = rows, Bytes = rows * 10, Sha256 = sha256 };
    }
}
