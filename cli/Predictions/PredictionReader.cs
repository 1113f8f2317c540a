using System.Globalization;
using Serverless.Cli.Api;

namespace Serverless.Cli.Predictions;

/// <summary>Turns a model's outputs into predictions.</summary>
internal static class PredictionReader
{
    /// <summary>The output in which a published classifier gives probabilities.</summary>
    public const string Probabilities = "probabilities";

    /// <summary>Reads predictions.</summary>
    /// <param name="answer">What the model answered.</param>
    /// <param name="rows">How many rows it was asked about.</param>
    /// <param name="classes">Names of the classes; empty where they are not known.</param>
    /// <param name="top">How many classes to give for a row.</param>
    public static IReadOnlyList<Prediction> Read(InferAnswer answer, int rows, IReadOnlyList<string> classes, int top)
    {
        if (answer.Numbers(Probabilities) is { } probabilities)
        {
            var width = probabilities.Length / rows;
            return [.. Enumerable.Range(0, rows).Select(row => new Prediction(row, Best(probabilities.AsSpan(row * width, width), classes, top), null))];
        }

        var output = answer.Outputs[0];
        var values = answer.Numbers(output.Name)!;
        var each = values.Length / rows;
        return [.. Enumerable.Range(0, rows).Select(row => new Prediction(row, null, values[(row * each)..((row + 1) * each)]))];
    }

    private static ClassProbability[] Best(ReadOnlySpan<double> probabilities, IReadOnlyList<string> classes, int top)
    {
        var order = Enumerable.Range(0, probabilities.Length).ToArray();
        var values = probabilities.ToArray();
        Array.Sort(order, (a, b) => values[b].CompareTo(values[a]) is var byValue and not 0 ? byValue : a.CompareTo(b));
        return [.. order.Take(top).Select(index => new ClassProbability(
            index < classes.Count ? classes[index] : index.ToString(CultureInfo.InvariantCulture), index, Math.Round(values[index], 6)))];
    }
}
