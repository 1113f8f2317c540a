using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>The rows of a split's files, read once from beginning to end.</summary>
internal abstract class RowSource : IDisposable
{
    /// <summary>The option the files came from: <c>train</c> or <c>test</c>.</summary>
    public abstract string Field { get; }

    /// <summary>The file of the features.</summary>
    public abstract string Path { get; }

    /// <summary>How features are stored unless the user says otherwise.</summary>
    public abstract FeatureType Type { get; }

    /// <summary>Dimensions of a row unless the user says otherwise.</summary>
    public abstract IReadOnlyList<int> Shape { get; }

    /// <summary>Names of the features, where the files have any.</summary>
    public virtual IReadOnlyList<string>? Names => null;

    /// <summary>Numbers of a label.</summary>
    public abstract int LabelWidth { get; }

    /// <summary>Whether labels come from an array of floats.</summary>
    public virtual bool HasFloatLabels => false;

    /// <summary>Number of rows, where it is known beforehand.</summary>
    public virtual long? Rows => null;

    /// <summary>Where the row last read is: its line, or its number from 0.</summary>
    public long Place { get; protected set; }

    /// <summary>Reads the next row.</summary>
    /// <param name="features">One number a feature.</param>
    /// <param name="label">Receives the label.</param>
    /// <returns>False at the end of the files.</returns>
    /// <exception cref="ValidationException">The files are damaged, or not what they should be.</exception>
    public abstract bool Read(Span<float> features, SourceLabel label);

    /// <summary>A place in the words of an error message.</summary>
    /// <param name="place">What <see cref="Place"/> was.</param>
    /// <param name="feature">The feature; null for the label.</param>
    public abstract string Describe(long place, int? feature);

    /// <summary>A place in the words of an error message.</summary>
    public abstract string Describe(long place);

    public abstract void Dispose();
}
