using System.Buffers.Binary;
using System.Security.Cryptography;
using Serverless.Core.Datasets;

namespace Serverless.Core.Tests.Datasets;

/// <summary>A split whose rows say which row they are: the only feature is the row's number, the label its number modulo the classes.</summary>
internal sealed class NumberedRows : IDisposable
{
    public const int Classes = 7;

    private const int RowBytes = 8;

    public NumberedRows(int rows, int partRows, long cacheBytes = 1 << 20)
    {
        var parts = new List<PartInfo>();
        for (var first = 0; first < rows; first += partRows)
        {
            var content = new byte[Math.Min(partRows, rows - first) * RowBytes];
            for (var offset = 0; offset < content.Length; offset += RowBytes)
            {
                var row = first + (offset / RowBytes);
                BinaryPrimitives.WriteSingleLittleEndian(content.AsSpan(offset), row);
                BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(offset + 4), row % Classes);
            }

            var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
            var part = new PartInfo { Name = $"part-{parts.Count:00000}-{sha256[..16]}", Rows = content.Length / RowBytes, Bytes = content.Length, Sha256 = sha256 };
            parts.Add(part);
            Storage.Blobs[$"numbers/train/{part.Name}"] = content;
        }

        Manifest = new DatasetManifest
        {
            Name = "numbers",
            Split = DatasetSplits.Train,
            Rows = rows,
            RowBytes = RowBytes,
            Features = new FeatureSpec { Type = FeatureType.Float32, Shape = [1] },
            Label = new LabelSpec { Kind = LabelKind.Class, Classes = [.. Enumerable.Range(0, Classes).Select(i => $"c{i}")] },
            Scaling = ScalingSpec.None,
            PartRows = partRows,
            Parts = parts,
        };
        Manifest.Validate();
        Reader = new DatasetStore(Storage.Container()).OpenReader(Manifest, cacheBytes);
    }

    public MemoryBlobs Storage { get; } = new();

    public DatasetManifest Manifest { get; }

    public DatasetReader Reader { get; }

    public string BlobName(int part) => $"numbers/train/{Manifest.Parts[part].Name}";

    /// <summary>A batch's rows by their numbers, labels checked.</summary>
    public static async Task<int[]> ReadAsync(ShardSampler sampler, long step)
    {
        var features = new float[sampler.BatchSize];
        var classes = new long[sampler.BatchSize];
        var count = await sampler.ReadBatchAsync(step, new BatchTarget(features, classes));
        for (var i = 0; i < count; i++)
        {
            Assert.Equal((long)features[i] % Classes, classes[i]);
        }

        return [.. features.Take(count).Select(feature => (int)feature)];
    }

    public void Dispose()
    {
        Reader.Dispose();
        Storage.Dispose();
    }
}
