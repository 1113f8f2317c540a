using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Datasets;

namespace Serverless.Core.Tests.Datasets;

public class SliceReaderTests
{
    [Fact]
    public void ReadBatch_AnySlice_GivesItsRowsInOrder()
    {
        var slices =
            from rows in Gen.Choose(1, 200)
            from partRows in Gen.Choose(1, 50)
            from first in Gen.Choose(0, rows)
            from count in Gen.Choose(0, rows - first)
            from batchSize in Gen.Choose(1, 64)
            select (rows, partRows, first, count, batchSize);
        Prop.ForAll(slices.ToArbitrary(), slice =>
        {
            using var data = new NumberedRows(slice.rows, slice.partRows);
            using var reader = new SliceReader(data.Reader, slice.first, slice.count, slice.batchSize);
            var seen = new List<int>();
            var features = new float[slice.batchSize];
            for (long batch = 0; batch < reader.Batches; batch++)
            {
                var count = reader.ReadBatchAsync(batch, new BatchTarget(features, new long[slice.batchSize])).AsTask().GetAwaiter().GetResult();
                Assert.Equal(Math.Min(slice.batchSize, slice.count - (batch * slice.batchSize)), count);
                seen.AddRange(features.Take(count).Select(feature => (int)feature));
            }

            Assert.Equal(Enumerable.Range(slice.first, slice.count), seen);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task ReadBatch_NumberOutOfRange_Throws()
    {
        using var data = new NumberedRows(10, 4);
        using var reader = new SliceReader(data.Reader, 2, 5, 3);
        var target = new BatchTarget(new float[3], new long[3]);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await reader.ReadBatchAsync(2, target));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await reader.ReadBatchAsync(-1, target));
    }
}
