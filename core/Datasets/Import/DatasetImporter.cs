using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>
/// Imports files as a dataset, in memory independent of their size. Both splits are read and checked to the end before anything is written; the manifest of
/// the train split
/// is written last and makes the dataset exist. An import of the same files with the same options gives the same bytes and changes nothing.
/// </summary>
/// <param name="store">Where to.</param>
public sealed class DatasetImporter(DatasetStore store)
{
    /// <summary>Imports a dataset.</summary>
    /// <param name="options">What and how.</param>
    /// <param name="progress">Told how far the import is.</param>
    /// <param name="cancellationToken">Stops the import; what it wrote is deleted.</param>
    /// <exception cref="ValidationException">Options or files are not what they should be, or the name is taken by a dataset with other content.</exception>
    public async Task<ImportResult> ImportAsync(
        ImportOptions options, IProgress<ImportProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var reader = new SplitReader(options, progress);
        using var train = await Task.Run(() => reader.Read(DatasetSplits.Train, options.Train, null, cancellationToken), cancellationToken);
        using var test = options.Test is { } files
            ? await Task.Run(() => reader.Read(DatasetSplits.Test, files, train, cancellationToken), cancellationToken)
            : null;
        var labels = new LabelMap(options, train);
        var trainClasses = labels.Translate(train.Labels, train.Source);
        var testClasses = test is null ? [] : labels.Translate(test.Labels, test.Source);
        var baseline = train.Statistics.ToStatistics(labels.Label, train.Labels.Entries, trainClasses);

        var plan = new ImportPlan(options, train.Features, labels.Label, ScalingOf(options, train.Features, baseline));
        var journal = new ImportJournal();
        var writer = new SplitWriter(store, plan, journal, progress);
        var commit = new ImportCommit(store, options, journal);
        try
        {
            var testManifest = test is null
                ? null
                : await writer.WriteAsync(DatasetSplits.Test, test.Rows.ReadAsync(cancellationToken), test.Rows.Rows, testClasses, cancellationToken);
            var shuffled = new RowShuffler(options.Seed).ShuffleAsync(train.Rows, cancellationToken);
            var trainManifest = await writer.WriteAsync(DatasetSplits.Train, shuffled, train.Rows.Rows, trainClasses, cancellationToken);
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
}
