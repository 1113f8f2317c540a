using Serverless.Inference.Scheduling;

namespace Serverless.Inference.Tests.Scheduling;

public sealed class BatchTimesTests
{
    private readonly BatchTimes _times = new();

    [Fact]
    public void Choose_NothingKnown_TakesEverything() => Assert.Equal(13, _times.Choose(13));

    [Fact]
    public void Choose_LargerBatchesCostLessARow_TakesEverything()
    {
        Learn((1, 100), (2, 120), (4, 150), (8, 200));

        Assert.Equal(8, _times.Choose(8));
        Assert.Equal(4, _times.Choose(4));
    }

    [Fact]
    public void Choose_RowsCostTheSameInAnyBatch_TakesOneAtATime()
    {
        Learn((1, 100), (2, 200), (4, 400), (8, 790));

        Assert.Equal(1, _times.Choose(8));
        Assert.False(_times.Pays(1, 8));
    }

    [Fact]
    public void Choose_LargestBatchCostsMoreARow_TakesTheBestSize()
    {
        Learn((1, 100), (2, 120), (4, 160), (8, 600));

        Assert.Equal(4, _times.Choose(8));
        Assert.True(_times.Pays(1, 4));
    }

    [Fact]
    public void Choose_PassedOverForLong_IsTriedAgain()
    {
        Learn((1, 100), (8, 1000));

        Assert.Contains(8, Enumerable.Range(0, 1000).Select(_ => _times.Choose(8)));
    }

    [Fact]
    public void Record_TimesChange_AreFollowed()
    {
        Learn((1, 100), (8, 1000));
        for (var i = 0; i < 20; i++)
        {
            Learn((8, 100));
        }

        Assert.Equal(8, _times.Choose(8));
    }

    private void Learn(params ReadOnlySpan<(long Rows, long Ticks)> runs)
    {
        foreach (var (rows, ticks) in runs)
        {
            // What the first run of a size takes is not counted.
            _times.Record(rows, ticks);
            _times.Record(rows, ticks);
        }
    }
}
