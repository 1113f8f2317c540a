using System.Buffers.Binary;

namespace Serverless.Core.Datasets.Import;

/// <summary>Writes the rows of a split to storage the way readers expect them, labels as what they turned out to be.</summary>
internal sealed class SplitWriter(DatasetStore store, ImportPlan plan, ImportJournal journal, IProgress<ImportProgress>? progress)
{
    private const int ReportRows = 1 << 14;

    /// <summary>Writes a split.</summary>
    /// <param name="split">One of <see cref="DatasetSplits"/>.</param>
    /// <param name="rows">Spooled rows in the order they are to have.</param>
    /// <param name="count">How many.</param>
    /// <param name="classes">The class of each provisional number of a label.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <returns>The split's manifest, without what only the whole import knows.</returns>
    public async Task<DatasetManifest> WriteAsync(
        string split, IAsyncEnumerable<ReadOnlyMemory<byte>> rows, long count, int[] classes, CancellationToken cancellationToken)
    {
        var parts = new PartWriter(store.Container, $"{plan.Name}/{split}", plan.RowBytes, plan.PartRows, journal);
        try
        {
            long written = 0;
            await foreach (var row in rows.WithCancellation(cancellationToken))
            {
                Finish(row.Span, parts.NextRow(), classes);
                parts.Advance();
                if (parts.IsFull)
                {
                    await parts.FlushAsync(cancellationToken);
                }

                if (++written % ReportRows == 0)
                {
                    progress?.Report(new ImportProgress(split, ImportStage.Writing, written, count));
                }
            }

            var manifest = plan.Manifest(split, await parts.CompleteAsync(cancellationToken));
            progress?.Report(new ImportProgress(split, ImportStage.Writing, count, count));
            return manifest;
        }
        finally
        {
            await parts.DrainAsync();
        }
    }

    /// <summary>Turns a spooled row into one as it is stored.</summary>
    private void Finish(ReadOnlySpan<byte> spooled, Span<byte> row, int[] classes)
    {
        var features = plan.Features.Bytes;
        spooled[..features].CopyTo(row);
        var label = spooled[features..];
        var target = row[features..];
        if (plan.Label.Kind == LabelKind.Class)
        {
            BinaryPrimitives.WriteInt32LittleEndian(target, classes[BinaryPrimitives.ReadInt32LittleEndian(label)]);
        }
        else
        {
            // A single value stands behind the provisional number.
            label[^target.Length..].CopyTo(target);
        }
    }
}
