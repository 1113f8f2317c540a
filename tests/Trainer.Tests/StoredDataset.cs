using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Serverless.Core.Datasets;
using Serverless.Core.Storage;

namespace Serverless.Trainer.Tests;

/// <summary>A small dataset of random float32 rows, written as an import writes it. What a row's label is follows from its features, so that there is something to learn.</summary>
internal sealed record StoredDataset(string Name, DatasetManifest Train, float[][] Features, int[] Classes)
{
    private const int PartRows = 25;

    /// <summary>Writes a dataset with a train and a test split.</summary>
    /// <param name="storage">Where.</param>
    /// <param name="shape">The shape of a row.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="rows">Rows of the train split.</param>
    /// <param name="testRows">Rows of the test split; 0 for none.</param>
    public static async Task<StoredDataset> WriteAsync(ServerlessStorage storage, int[] shape, int classes, int rows, int testRows)
    {
        var name = $"random-{Guid.NewGuid():n}"[..20];
        var random = new Random(5);
        var test = testRows == 0 ? null : await WriteSplitAsync(storage, name, DatasetSplits.Test, Rows(random, shape, classes, testRows), shape, classes, null);
        var (features, labels) = Rows(random, shape, classes, rows);
        var reference = test is null ? null : new SplitReference { Rows = testRows, ManifestSha256 = test.Sha256 };
        var train = await WriteSplitAsync(storage, name, DatasetSplits.Train, (features, labels), shape, classes, reference);
        return new StoredDataset(name, train, features, labels);
    }

    private static (float[][] Features, int[] Classes) Rows(Random random, int[] shape, int classes, int rows)
    {
        var count = shape.Aggregate(1, (a, b) => a * b);
        var features = Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1).ToArray()).ToArray();
        return (features, [.. features.Select(row => Array.IndexOf(row, row.Take(classes).Max()))]);
    }

    private static async Task<DatasetManifest> WriteSplitAsync(
        ServerlessStorage storage, string name, string split, (float[][] Features, int[] Classes) rows, int[] shape, int classes, SplitReference? test)
    {
        var spec = new FeatureSpec { Type = FeatureType.Float32, Shape = shape };
        var label = new LabelSpec { Kind = LabelKind.Class, Classes = [.. Enumerable.Range(0, classes).Select(index => $"class {index}")] };
        var rowBytes = spec.Bytes + label.Bytes;
        var parts = new List<PartInfo>();
        for (var first = 0; first < rows.Features.Length; first += PartRows)
        {
            var bytes = Encode(rows.Features[first..Math.Min(rows.Features.Length, first + PartRows)], rows.Classes.AsSpan(first), rowBytes);
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
            var part = new PartInfo { Name = $"part-{parts.Count:00000}-{sha256[..16]}", Rows = bytes.Length / rowBytes, Bytes = bytes.Length, Sha256 = sha256 };
            await storage.Datasets.GetBlobClient($"{name}/{split}/{part.Name}").UploadAsync(new BinaryData(bytes));
            parts.Add(part);
        }

        var manifest = new DatasetManifest
        {
            Name = name,
            Split = split,
            Rows = rows.Features.Length,
            RowBytes = rowBytes,
            Features = spec,
            Label = label,
            Scaling = ScalingSpec.None,
            PartRows = PartRows,
            Parts = parts,
            Test = test,
        };
        manifest.Validate();
        await storage.Datasets.GetBlobClient(DatasetBlobs.PinnedManifest(name, split, manifest.Sha256)).UploadAsync(new BinaryData(manifest.ToJson()));
        await storage.Datasets.GetBlobClient(DatasetBlobs.Manifest(name, split)).UploadAsync(new BinaryData(manifest.ToJson()));
        return manifest;
    }

    private static byte[] Encode(float[][] features, ReadOnlySpan<int> classes, int rowBytes)
    {
        var bytes = new byte[features.Length * rowBytes];
        for (var i = 0; i < features.Length; i++)
        {
            var row = bytes.AsSpan(i * rowBytes, rowBytes);
            MemoryMarshal.AsBytes<float>(features[i]).CopyTo(row);
            BinaryPrimitives.WriteInt32LittleEndian(row[^sizeof(int)..], classes[i]);
        }

        return bytes;
    }
}
