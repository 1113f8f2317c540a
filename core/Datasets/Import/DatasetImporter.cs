using System.Buffers.Binary;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>
/// Imports files as a dataset, in memory independent of their size. Both splits are read and checked to the end before anything is written; the manifest of the train split
/// is written last and makes the dataset exist. An import of the same files with the same options gives the same bytes and changes nothing.
/// </summary>
/// <param name="store">Where to.</param>
public sealed class DatasetImporter(DatasetStore store)
{
    private const int ReportRows = 1 << 14;

    /// <summary>Imports a dataset.</summary>
    /// <param name="options">What and how.</param>
    /// <param name="progress">Told how far the import is.</param>
    /// <param name="cancellationToken">Stops the import; what it wrote is deleted.</param>
    /// <exception cref="ValidationException">Options or files are not what they should be, or the name is taken by a dataset with other content.</exception>
    public async Task<ImportResult> ImportAsync(ImportOptions options, IProgress<ImportProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var reader = new SplitReader(options, progress);
        using var train = await Task.Run(() => reader.Read(DatasetSplits.Train, options.Train, null, cancellationToken), cancellationToken);
        using var test = options.Test is null ? null : await Task.Run(() => reader.Read(DatasetSplits.Test, options.Test, train, cancellationToken), cancellationToken);
        var labels = new LabelMap(options, train);
        var trainClasses = labels.Translate(train.Labels, train.Source);
        var testClasses = test is null ? [] : labels.Translate(test.Labels, test.Source);
        var baseline = train.Statistics.ToStatistics(labels.Label, train.Labels.Entries, trainClasses);

        var plan = new ImportPlan(options, train.Features, labels.Label, ScalingOf(options, train.Features, baseline));
        var journal = new ImportJournal();
        var commit = new ImportCommit(store, options, journal);
        try
        {
            var testManifest = test is null ? null : plan.Manifest(
                DatasetSplits.Test,
                await WriteAsync(DatasetSplits.Test, test.Rows.ReadAsync(cancellationToken), test, testClasses, plan, journal, progress, cancellationToken));
            var trainManifest = plan.Manifest(
                DatasetSplits.Train,
                await WriteAsync(DatasetSplits.Train, new RowShuffler(options.Seed).ShuffleAsync(train.Rows, cancellationToken), train, trainClasses, plan, journal, progress, cancellationToken));
            return await commit.CommitAsync(trainManifest, testManifest, baseline, cancellationToken);
        }
        catch
        {
            await commit.RollBackAsync();
            throw;
        }
    }

    private static ScalingSpec ScalingOf(ImportOptions options, FeatureSpec features, BaselineStatistics baseline)
    {
        var scale = options.Scale ?? (features.Type == FeatureType.UInt8 ? ImportScaling.DivideBy(byte.MaxValue) : ImportScaling.None);
        if (!scale.IsStandard)
        {
            return new ScalingSpec { Offset = [0], Scale = [1 / scale.Divisor!.Value] };
        }

        // A feature that never changes stays at 0.
        return new ScalingSpec
        {
            Offset = baseline.Features.Mean,
            Scale = [.. baseline.Features.StandardDeviation.Select(deviation => deviation > 0 && float.IsFinite(1 / deviation) ? 1 / deviation : 1)],
        };
    }

    private async Task<IReadOnlyList<PartInfo>> WriteAsync(
        string split,
        IAsyncEnumerable<ReadOnlyMemory<byte>> rows,
        SpooledSplit spooled,
        int[] classes,
        ImportPlan plan,
        ImportJournal journal,
        IProgress<ImportProgress>? progress,
        CancellationToken cancellationToken)
    {
        var writer = new PartWriter(store.Container, $"{plan.Name}/{split}", plan.RowBytes, plan.PartRows, journal);
        try
        {
            long written = 0;
            await foreach (var row in rows.WithCancellation(cancellationToken))
            {
                Finish(row.Span, writer.NextRow(), plan, classes);
                writer.Advance();
                if (writer.IsFull)
                {
                    await writer.FlushAsync(cancellationToken);
                }

                if (++written % ReportRows == 0)
                {
                    progress?.Report(new ImportProgress(split, ImportStage.Writing, written, spooled.Rows.Rows));
                }
            }

            var parts = await writer.CompleteAsync(cancellationToken);
            progress?.Report(new ImportProgress(split, ImportStage.Writing, written, written));
            return parts;
        }
        finally
        {
            await writer.DrainAsync();
        }
    }

    /// <summary>Turns a spooled row into one as it is stored.</summary>
    private static void Finish(ReadOnlySpan<byte> spooled, Span<byte> row, ImportPlan plan, int[] classes)
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
