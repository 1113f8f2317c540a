using System.Runtime.InteropServices;
using Serverless.Core.Datasets;

namespace Serverless.Optimization.Data;

/// <summary>Takes the rows that a model is optimised with from a dataset.</summary>
public static class DatasetSamples
{
    /// <summary>The fewest test rows that are taken if there are as many.</summary>
    public const int LeastTestRows = 256;

    // Of each kind of rows.
    private const int MostBytes = 64 * 1024 * 1024;

    /// <summary>
    /// Reads the first rows of the train split to calibrate on (it was shuffled when it was imported) and of the test split to measure on. Without a test split, training
    /// rows behind the first are measured on.
    /// </summary>
    /// <param name="datasets">Where the dataset is.</param>
    /// <param name="train">Its train split.</param>
    /// <param name="options">How many rows.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidDataException">The dataset is damaged.</exception>
    public static async Task<OptimizationData> ReadAsync(DatasetStore datasets, DatasetManifest train, OptimizationOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(options);
        var calibrating = Rows(train, 0, options.CalibrationRows, least: 1);
        var (calibration, _) = await ReadAsync(datasets, train, 0, calibrating, cancellation);
        var split = train.Test is { } reference ? await datasets.GetManifestAsync(train.Name, DatasetSplits.Test, reference.ManifestSha256, cancellation) : train;
        var first = train.Test is null && train.Rows >= 2L * calibrating ? calibrating : 0;
        var (test, labels) = await ReadAsync(datasets, split, first, Rows(split, first, options.TestRows, LeastTestRows), cancellation);
        return new OptimizationData(calibration, test, labels);
    }

    private static int Rows(DatasetManifest split, long first, int wanted, int least) =>
        (int)Math.Min(split.Rows - first, Math.Min(wanted, Math.Max(least, MostBytes / split.RowBytes)));

    private static async Task<(SampleRows Features, TestLabels Labels)> ReadAsync(DatasetStore datasets, DatasetManifest split, long first, int rows, CancellationToken cancellation)
    {
        using var reader = datasets.OpenReader(split, cacheBytes: 0);
        var raw = new byte[rows * split.RowBytes];
        await reader.ReadRowsAsync(first, rows, raw, cancellation);
        var (featureBytes, labelBytes) = (split.Features.Bytes, split.Label.Bytes);
        var features = new byte[rows * featureBytes];
        var labels = new byte[rows * labelBytes];
        for (var row = 0; row < rows; row++)
        {
            var bytes = raw.AsSpan(row * split.RowBytes, split.RowBytes);
            bytes[..featureBytes].CopyTo(features.AsSpan(row * featureBytes));
            bytes[featureBytes..].CopyTo(labels.AsSpan(row * labelBytes));
        }

        return (
            new SampleRows(features, rows),
            split.Label.Kind == LabelKind.Class
                ? TestLabels.OfClasses(MemoryMarshal.Cast<byte, int>(labels).ToArray())
                : TestLabels.OfValues(MemoryMarshal.Cast<byte, float>(labels).ToArray()));
    }
}
