using Serverless.Optimization.Data;
using System.Numerics.Tensors;
using Serverless.Core.Models;
using Serverless.Core.Validation;
using Serverless.Optimization.Sessions;

namespace Serverless.Optimization.Measuring;

/// <summary>Measures how good a model's answers are, in points of 100, always on the same rows.</summary>
internal sealed class Quality
{
    private const int Batch = 32;

    private readonly SampleRows _rows;
    private readonly int[]? _classes;
    private readonly float[] _values;

    private Quality(QualityMeasure measure, SampleRows rows, int[]? classes, float[] values, double original) =>
        (Measure, _rows, _classes, _values, Original) = (measure, rows, classes, values, original);

    /// <summary>What is measured.</summary>
    public QualityMeasure Measure { get; }

    /// <summary>Rows it is measured on.</summary>
    public int Rows => _rows.Count;

    /// <summary>The points of the original model.</summary>
    public double Original { get; }

    /// <summary>Prepares measuring: runs the original model.</summary>
    /// <param name="session">The original model.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="labels">What is right for them; null where nobody knows: then the original model's answers are.</param>
    /// <exception cref="ValidationException">The labels are not those of the model's outputs.</exception>
    public static Quality Of(ModelSession session, SampleRows rows, TestLabels? labels)
    {
        var outputs = Run(session, rows);
        var width = outputs.Length / rows.Count;
        if (labels is null)
        {
            return width > 1
                ? new Quality(QualityMeasure.Agreement, rows, Classes(outputs, rows.Count), [], 100)
                : new Quality(QualityMeasure.Resemblance, rows, null, outputs, 100);
        }

        if (labels.Classes is { } classes)
        {
            int[] right = [.. classes.Take(rows.Count)];
            if (right.Length < rows.Count || right.Any(index => index < 0 || index >= width))
            {
                throw new ValidationException(
                    "labels", $"are {right.Length} classes of {right.DefaultIfEmpty().Min()}..{right.DefaultIfEmpty().Max()}; legal are {rows.Count} of 0..{width - 1}");
            }

            return new Quality(QualityMeasure.Accuracy, rows, right, [], Accuracy(outputs, right));
        }

        float[] values = [.. labels.Values!.Take(outputs.Length)];
        return values.Length == outputs.Length
            ? new Quality(QualityMeasure.Determination, rows, null, values, Determination(outputs, values))
            : throw new ValidationException("labels", $"are {values.Length} numbers; legal are {outputs.Length}, {width} for each row");
    }

    /// <summary>The points of another form of the model.</summary>
    public double Score(ModelSession session)
    {
        var outputs = Run(session, _rows);
        return _classes is { } classes ? Accuracy(outputs, classes) : Determination(outputs, _values);
    }

    private static float[] Run(ModelSession session, SampleRows rows)
    {
        var batch = Math.Min(session.BatchFor(Batch), rows.Count);
        var outputs = new float[(rows.Count + batch - 1) / batch][];
        Parallel.For(0, outputs.Length, index =>
        {
            var first = index * batch;
            var count = Math.Min(batch, rows.Count - first);
            var wanted = rows.Slice(first, count);

            // A model for one number of rows alone gets its last batch filled up.
            var output = session.Run(wanted.Repeat(session.BatchFor(count)));
            outputs[index] = output[..(output.Length / session.BatchFor(count) * count)];
        });
        return [.. outputs.SelectMany(output => output)];
    }

    private static int[] Classes(float[] outputs, int rows)
    {
        var width = outputs.Length / rows;
        var classes = new int[rows];
        for (var row = 0; row < rows; row++)
        {
            classes[row] = TensorPrimitives.IndexOfMax(outputs.AsSpan(row * width, width));
        }

        return classes;
    }

    private static double Accuracy(float[] outputs, int[] right) =>
        100.0 * Classes(outputs, right.Length).Zip(right).Count(pair => pair.First == pair.Second) / right.Length;

    private static double Determination(float[] outputs, float[] right)
    {
        var mean = right.Average(value => (double)value);
        var error = outputs.Zip(right, (given, wanted) => Math.Pow((double)given - wanted, 2)).Sum();
        var variance = right.Sum(value => Math.Pow(value - mean, 2));
        return error == 0 ? 100 : 100 * (1 - (error / variance));
    }
}
