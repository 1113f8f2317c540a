using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Serverless.Core.Datasets;

/// <summary>Writes stored rows into a batch: scaled features, and the label as a class index or as numbers.</summary>
internal sealed class RowDecoder(DatasetManifest manifest)
{
    private readonly FeatureScaler _scaler = new(manifest.Features, manifest.Scaling);
    private readonly int _features = manifest.Features.Count;
    private readonly int _labelOffset = manifest.Features.Bytes;
    private readonly int _rowBytes = manifest.RowBytes;

    public int Features => _features;

    public int LabelWidth { get; } = manifest.Label.Width;

    /// <summary>Decodes one row of a part into one row of a batch.</summary>
    public void Decode(ReadOnlySpan<byte> part, int partRow, BatchTarget batch, int batchRow)
    {
        var row = part.Slice(partRow * _rowBytes, _rowBytes);
        _scaler.Scale(row, batch.Features.Span.Slice(batchRow * _features, _features));
        if (batch.Classes.IsEmpty)
        {
            row[_labelOffset..].CopyTo(MemoryMarshal.AsBytes(batch.Values.Span.Slice(batchRow * LabelWidth, LabelWidth)));
        }
        else
        {
            batch.Classes.Span[batchRow] = BinaryPrimitives.ReadInt32LittleEndian(row[_labelOffset..]);
        }
    }

    /// <summary>Refuses a batch's memory that does not fit the data.</summary>
    public void Check(BatchTarget batch, int rows)
    {
        if ((long)rows * _features is var features && batch.Features.Length < features)
        {
            throw new ArgumentException($"The features of {rows} rows are {features} numbers; the memory given holds {batch.Features.Length}.");
        }

        var (wanted, given) = manifest.Label.Kind == LabelKind.Class ? (rows, batch.Classes.Length) : (rows * LabelWidth, batch.Values.Length);
        if (given < wanted)
        {
            throw new ArgumentException($"The labels of {rows} rows are {wanted} {(manifest.Label.Kind == LabelKind.Class ? "classes" : "numbers")}; "
                + $"the memory given holds {given}.");
        }
    }
}
