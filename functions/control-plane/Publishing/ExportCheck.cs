using System.Diagnostics;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;

namespace Serverless.ControlPlane.Publishing;

/// <summary>Runs an exported model in ONNX Runtime on the first rows of the test split, in their raw form, and compares it with what the trainers computed for them.</summary>
public sealed class ExportCheck(RoundStore rounds, DatasetStore datasets)
{
    /// <summary>Rows that are compared, which are those whose outputs trainers keep.</summary>
    public const int MaximumRows = 256;

    /// <summary>The largest absolute difference that is accepted for outputs of ordinary size.</summary>
    public const double AbsoluteTolerance = 1e-4;

    /// <summary>The largest difference in proportion to the largest output, where that is more: float32 carries seven digits, whatever the outputs' unit is.</summary>
    public const double RelativeTolerance = 1e-5;

    private const int LargeBatch = 32;
    private static readonly TimeSpan LongestTiming = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs the model.</summary>
    /// <param name="job">The job it comes from.</param>
    /// <param name="train">The job's dataset.</param>
    /// <param name="onnx">The model.</param>
    /// <param name="cancellation">Ends the reading of rows.</param>
    /// <exception cref="InvalidDataException">An evaluation or the dataset is damaged.</exception>
    public async Task<ExportFindings> RunAsync(TrainingJob job, DatasetManifest train, byte[] onnx, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(train);
        var split = train.Test is { } test ? await datasets.GetManifestAsync(train.Name, DatasetSplits.Test, test.ManifestSha256, cancellation) : train;
        var rows = (int)Math.Min(split.Rows, MaximumRows);
        var features = await ReadFeaturesAsync(split, rows, cancellation);
        var expected = train.Test is null ? [] : await ReadOutputsAsync(job, rows, cancellation);

        using var model = new ExportedModel(onnx, train.Features);
        var outputs = model.Run(features, rows);
        var (difference, largest) = Compare(outputs, expected);
        return new ExportFindings(
            expected.Length / job.Plan.Outputs,
            difference,
            Math.Max(AbsoluteTolerance, RelativeTolerance * largest),
            Time(model, features, 1),
            Time(model, features, Math.Min(LargeBatch, rows)),
            model.Inputs,
            model.Outputs);
    }

    private async Task<byte[]> ReadFeaturesAsync(DatasetManifest split, int rows, CancellationToken cancellation)
    {
        using var reader = datasets.OpenReader(split, cacheBytes: 0);
        var raw = new byte[rows * split.RowBytes];
        await reader.ReadRowsAsync(0, rows, raw, cancellation);
        var width = split.Features.Bytes;
        var features = new byte[rows * width];
        for (var row = 0; row < rows; row++)
        {
            raw.AsSpan(row * split.RowBytes, width).CopyTo(features.AsSpan(row * width));
        }

        return features;
    }

    private async Task<float[]> ReadOutputsAsync(TrainingJob job, int rows, CancellationToken cancellation)
    {
        var outputs = new float[rows * job.Plan.Outputs];
        var filled = 0L;
        foreach (var shard in job.Plan.Shards.Where(shard => shard.TestRows > 0 && shard.FirstTestRow < rows))
        {
            var evaluation = await rounds.ReadEvaluationAsync(job.Id, job.Plan.Rounds, shard.Index, cancellation)
                ?? throw new InvalidDataException($"The evaluation of shard {shard.Index} at the last checkpoint is missing.");
            var first = evaluation.FirstOutputRow * job.Plan.Outputs;
            if (first < 0 || first + evaluation.Outputs.Length > outputs.Length)
            {
                throw new InvalidDataException(
                    $"The evaluation of shard {shard.Index} has outputs from row {evaluation.FirstOutputRow} on, {evaluation.Outputs.Length} numbers, which are not within {rows} rows.");
            }

            evaluation.Outputs.Span.CopyTo(outputs.AsSpan((int)first));
            filled += evaluation.Outputs.Length;
        }

        return filled == outputs.Length
            ? outputs
            : throw new InvalidDataException($"The evaluations have {filled} outputs of the first {rows} test rows; there must be {outputs.Length}.");
    }

    private static (double Difference, double Largest) Compare(ReadOnlySpan<float> given, ReadOnlySpan<float> expected)
    {
        var (difference, largest) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            var distance = Math.Abs((double)given[i] - expected[i]);
            difference = double.IsNaN(distance) ? double.PositiveInfinity : Math.Max(difference, distance);
            largest = float.IsFinite(expected[i]) ? Math.Max(largest, Math.Abs(expected[i])) : largest;
        }

        return (difference, largest);
    }

    private static double Time(ExportedModel model, byte[] features, int rows)
    {
        const int WarmUps = 3;
        const int Runs = 21;
        var times = new List<double>(Runs);
        var begin = Stopwatch.GetTimestamp();
        for (var run = 0; run < WarmUps + Runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            model.Run(features, rows);
            if (run >= WarmUps || Stopwatch.GetElapsedTime(begin) > LongestTiming)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            if (times.Count > 0 && Stopwatch.GetElapsedTime(begin) > LongestTiming)
            {
                break;
            }
        }

        times.Sort();
        return times[times.Count / 2];
    }
}
