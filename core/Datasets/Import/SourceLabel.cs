namespace Serverless.Core.Datasets.Import;

/// <summary>The label of the row a source is at, used again for every row.</summary>
/// <param name="width">Numbers of a label.</param>
internal sealed class SourceLabel(int width)
{
    /// <summary>The label as numbers; NaN where it is a text.</summary>
    public float[] Values { get; } = new float[width];

    /// <summary>Whether the label is a number (or several), as opposed to a text.</summary>
    public bool IsNumber { get; set; } = true;

    /// <summary>The label as a whole number, where it is one.</summary>
    public long? Whole { get; set; }

    /// <summary>The label as written, where it is no whole number but may name a class.</summary>
    public string? Text { get; set; }
}
