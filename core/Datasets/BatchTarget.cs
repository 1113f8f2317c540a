namespace Serverless.Core.Datasets;

/// <summary>The caller's memory for one batch, used again for every batch.</summary>
public readonly struct BatchTarget
{
    /// <summary>For labels that are classes.</summary>
    /// <param name="features">Scaled features, row after row: at least rows times features.</param>
    /// <param name="classes">Class index of each row.</param>
    public BatchTarget(Memory<float> features, Memory<long> classes) => (Features, Classes) = (features, classes);

    /// <summary>For labels that are numbers.</summary>
    /// <param name="features">Scaled features, row after row: at least rows times features.</param>
    /// <param name="values">Numbers of each row's label, row after row: at least rows times the label's width.</param>
    public BatchTarget(Memory<float> features, Memory<float> values) => (Features, Values) = (features, values);

    /// <summary>Scaled features, row after row.</summary>
    public Memory<float> Features { get; }

    /// <summary>Class index of each row; empty where labels are numbers.</summary>
    public Memory<long> Classes { get; }

    /// <summary>Numbers of each row's label; empty where labels are classes.</summary>
    public Memory<float> Values { get; }
}
