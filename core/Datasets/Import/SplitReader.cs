using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>Reads a split's files to the end and checks every value, before anything is written to storage.</summary>
internal sealed class SplitReader(ImportOptions options, IProgress<ImportProgress>? progress)
{
    private const int ReportRows = 1 << 14;

    /// <summary>Reads a split.</summary>
    /// <param name="split">One of <see cref="DatasetSplits"/>.</param>
    /// <param name="files">Its files.</param>
    /// <param name="train">The train split's features, when this is the test split: they have to be the same.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ValidationException">The files are not what they should be.</exception>
    public SpooledSplit Read(string split, SourceFiles files, SpooledSplit? train, CancellationToken cancellationToken)
    {
        using var source = Open(split, files);
        var features = FeaturesOf(source, train);
        SpoolFile? rows = null;
        try
        {
            rows = new SpoolFile(options.TemporaryFolder, features.Bytes + SpooledSplit.LabelBytes(source.LabelWidth));
            var spooled = new SpooledSplit(source, rows, features, new LabelCensus(), new BaselineAccumulator(features.Count, source.LabelWidth));
            Copy(split, spooled, cancellationToken);
            return spooled;
        }
        catch
        {
            rows?.Dispose();
            throw;
        }
    }

    private RowSource Open(string field, SourceFiles files)
    {
        if (options.Format == SourceFormat.Csv)
        {
            return new CsvRowSource(field, files.Features, options.Label, options.Header);
        }

        var isIdx = options.Format == SourceFormat.Idx;
        var features = isIdx ? IdxFile.Open(field, files.Features) : NpyFile.Open(field, files.Features);
        TensorFile? labels = null;
        try
        {
            labels = isIdx ? IdxFile.Open(field, files.Labels!) : NpyFile.Open(field, files.Labels!);

            // An image format without an axis for channels: there is one channel.
            IReadOnlyList<int> shape = features.RowShape.Count == 0 ? [1]
                : isIdx && features.RowShape.Count == 2 ? [1, .. features.RowShape]
                : features.RowShape;
            return new TensorRowSource(features, labels, shape, options.LabelKind);
        }
        catch
        {
            features.Dispose();
            labels?.Dispose();
            throw;
        }
    }

    private FeatureSpec FeaturesOf(RowSource source, SpooledSplit? train)
    {
        var natural = source.Shape.Aggregate(1L, (product, dimension) => product * dimension);
        if (train is null)
        {
            var shape = options.Shape ?? source.Shape;
            var asked = shape.Aggregate(1L, (product, dimension) => product * dimension);
            if (asked != natural)
            {
                throw new ValidationException("shape", $"is {string.Join(",", shape)}, which makes {asked} features; '{source.Path}' has {natural} "
                    + $"({string.Join(" x ", source.Shape)})");
            }

            if (natural > FeatureSpec.MaxCount || shape.Count > 8)
            {
                throw new ValidationException(source.Field, $"'{source.Path}' has rows of {string.Join(" x ", shape)}; legal are 1 to 8 dimensions "
                    + $"and at most {FeatureSpec.MaxCount} features");
            }

            return new FeatureSpec { Type = options.Type ?? source.Type, Shape = shape, Names = source.Names };
        }

        if (natural != train.Features.Count || source.LabelWidth != train.Source.LabelWidth)
        {
            throw new ValidationException(source.Field, $"'{source.Path}' has {natural} features ({string.Join(" x ", source.Shape)}) and "
                + $"{source.LabelWidth} numbers a label; the train split has {train.Features.Count} and {train.Source.LabelWidth}");
        }

        if (source.Names is { } names && train.Features.Names is { } expected && !names.SequenceEqual(expected))
        {
            var column = Enumerable.Range(0, names.Count).First(i => names[i] != expected[i]);
            throw new ValidationException(source.Field, $"'{source.Path}' names feature {column + 1} '{ObjectReader.Quote(names[column])}'; in the "
                + $"train split it is '{ObjectReader.Quote(expected[column])}'");
        }

        return train.Features;
    }

    private void Copy(string split, SpooledSplit spooled, CancellationToken cancellationToken)
    {
        var (source, rows, spec) = (spooled.Source, spooled.Rows, spooled.Features);
        var features = new float[spec.Count];
        var label = new SourceLabel(source.LabelWidth);
        var row = new byte[rows.RowBytes];
        var nonFinite = new NonFiniteValues();
        var encoder = new FeatureEncoder(spec);
        while (source.Read(features, label))
        {
            nonFinite.Check(features, source.Place);
            if (label.IsNumber)
            {
                nonFinite.Check(label.Values, source.Place, isLabel: true);
            }

            encoder.Encode(features, row, source.Place);
            var id = spooled.Labels.Add(label, source.Place);
            WriteLabel(label, id, row.AsSpan(spec.Bytes));
            spooled.Statistics.Add(features, label, id);
            rows.Write(row);
            if (rows.Rows % ReportRows == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new ImportProgress(split, ImportStage.Reading, rows.Rows, source.Rows));
            }
        }

        nonFinite.ThrowIfAny(source);
        encoder.ThrowIfAny(source);
        progress?.Report(new ImportProgress(split, ImportStage.Reading, rows.Rows, rows.Rows));
    }

    private static void WriteLabel(SourceLabel label, int id, Span<byte> target)
    {
        if (label.Values.Length > 1)
        {
            MemoryMarshal.AsBytes(label.Values.AsSpan()).CopyTo(target);
            return;
        }

        BinaryPrimitives.WriteInt32LittleEndian(target, id);
        BinaryPrimitives.WriteSingleLittleEndian(target[4..], label.Values[0]);
    }
}
