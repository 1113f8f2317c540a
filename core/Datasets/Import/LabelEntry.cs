namespace Serverless.Core.Datasets.Import;

/// <summary>A label that was met in a split, with where and how often.</summary>
/// <param name="Text">How it reads.</param>
/// <param name="Whole">Its value where it is a whole number.</param>
/// <param name="FirstPlace">Where it was first met.</param>
internal sealed record LabelEntry(string Text, long? Whole, long FirstPlace)
{
    /// <summary>Rows with this label.</summary>
    public long Rows { get; set; }
}
