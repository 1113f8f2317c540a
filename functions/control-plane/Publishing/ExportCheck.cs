using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Validation;
using Serverless.Optimization.Data;
using Serverless.Optimization.Sessions;

namespace Serverless.ControlPlane.Publishing;

/// <summary>Runs an exported model in ONNX Runtime on the first rows of the test split, in their raw form, and compares it with what the trainers computed for them.</summary>
public sealed class ExportCheck(RoundStore rounds)
{
    /// <summary>Rows that are compared, which are those whose outputs trainers keep.</summary>
    public const int MaximumRows = 256;

    /// <summary>The largest absolute difference that is accepted for outputs of ordinary size.</summary>
    public const double AbsoluteTolerance = 1e-4;

    /// <summary>The largest difference in proportion to the largest output, where that is more: float32 carries seven digits, whatever the outputs' unit is.</summary>
    public const double RelativeTolerance = 1e-5;

    /// <summary>Runs the model.</summary>
    /// <param name="job">The job it comes from.</param>
    /// <param name="test">The first rows of the test split, or training rows where there is none.</param>
    /// <param name="onnx">The model.</param>
    /// <param name="cancellation">Ends the reading of evaluations.</param>
    /// <exception cref="InvalidDataException">An evaluation is damaged.</exception>
    /// <exception cref="ValidationException">ONNX Runtime refuses the model.</exception>
    public async Task<ExportFindings> RunAsync(TrainingJob job, SampleRows test, byte[] onnx, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(test);
        var rows = Math.Min(test.Count, MaximumRows);
        var expected = job.Plan.Shards.Any(shard => shard.TestRows > 0) ? await ReadOutputsAsync(job, rows, cancellation) : [];
        using var model = new ModelSession(onnx);
        var (difference, largest) = Compare(model.Run(test.Slice(0, rows)), expected);
        return new ExportFindings(
            expected.Length / job.Plan.Outputs, difference, Math.Max(AbsoluteTolerance, RelativeTolerance * largest), model.Inputs, model.Outputs);
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
}
