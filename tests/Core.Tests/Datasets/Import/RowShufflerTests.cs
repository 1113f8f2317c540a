using System.Buffers.Binary;
using Serverless.Core.Datasets.Import;

namespace Serverless.Core.Tests.Datasets.Import;

public class RowShufflerTests
{
    [Theory]
    [InlineData(1, 1 << 20)]
    [InlineData(1000, 1 << 20)]
    [InlineData(1000, 1024)]
    [InlineData(3000, 16)]
    public async Task Shuffle_InAnyMemory_GivesEveryRowOnce(int rows, int memoryBytes)
    {
        var order = await ShuffleAsync(rows, 5, memoryBytes);
        Assert.Equal(Enumerable.Range(0, rows), order.Order());
        Assert.Equal(order, await ShuffleAsync(rows, 5, memoryBytes));
        if (rows > 1)
        {
            Assert.NotEqual(order, await ShuffleAsync(rows, 6, memoryBytes));
        }
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(12)]
    public async Task Shuffle_AllSeeds_EveryOrderEquallyOften(int memoryBytes)
    {
        var orders = new Dictionary<string, int>();
        for (var seed = 0; seed < 2400; seed++)
        {
            var key = string.Join(",", await ShuffleAsync(4, seed, memoryBytes));
            orders[key] = orders.GetValueOrDefault(key) + 1;
        }

        // 24 orders, 23 degrees of freedom: 49.7 is exceeded once in a thousand.
        Assert.Equal(24, orders.Count);
        Assert.InRange(orders.Values.Sum(count => Math.Pow(count - 100, 2) / 100), 0, 49.7);
    }

    [Fact]
    public async Task Shuffle_NotReadToTheEnd_LeavesNoFile()
    {
        var folder = Directory.CreateTempSubdirectory("serverless-shuffle-tests-");
        using (var rows = Rows(1000, folder.FullName))
        {
            await foreach (var _ in new RowShuffler(1, 64).ShuffleAsync(rows))
            {
                break;
            }
        }

        Assert.Empty(folder.GetFiles());
        folder.Delete();
    }

    private static async Task<List<int>> ShuffleAsync(int count, long seed, int memoryBytes)
    {
        var order = new List<int>();
        await foreach (var row in new RowShuffler(seed, memoryBytes).ShuffleAsync(Rows(count, Path.GetTempPath())))
        {
            order.Add(BinaryPrimitives.ReadInt32LittleEndian(row.Span));
        }

        return order;
    }

    private static SpoolFile Rows(int count, string folder)
    {
        var rows = new SpoolFile(folder, 4);
        Span<byte> row = stackalloc byte[4];
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(row, i);
            rows.Write(row);
        }

        return rows;
    }
}
