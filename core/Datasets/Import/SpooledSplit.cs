namespace Serverless.Core.Datasets.Import;

/// <summary>A split that was read and found good: its rows as they came, with provisional labels.</summary>
/// <param name="Source">Where it came from; already closed, still good for messages.</param>
/// <param name="Rows">Each row is its stored features, and then the provisional number and the value of its label, or only the values where there are
/// several.</param>
/// <param name="Features">The features.</param>
/// <param name="Labels">The labels met.</param>
/// <param name="Statistics">Statistics of the rows.</param>
internal sealed record SpooledSplit(RowSource Source, SpoolFile Rows, FeatureSpec Features, LabelCensus Labels, BaselineAccumulator Statistics) : IDisposable
{
    /// <summary>Bytes of a spooled label.</summary>
    public static int LabelBytes(int width) => width == 1 ? 8 : sizeof(float) * width;

    public void Dispose() => Rows.Dispose();
}
