using System.Buffers.Binary;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Datasets;

namespace Serverless.Core.Tests.Datasets;

public class DatasetReaderTests
{
    [Fact]
    public async Task GetPart_ChangedByte_IsRefusedByItsHash()
    {
        using var data = new NumberedRows(10, 4);
        data.Storage.Blobs[data.BlobName(1)][3] ^= 1;
        (await data.Reader.GetPartAsync(0)).Dispose();
        var exception = await Assert.ThrowsAsync<InvalidDataException>(async () => await data.Reader.GetPartAsync(1));
        Assert.Contains(data.BlobName(1), exception.Message, StringComparison.Ordinal);
        Assert.Contains(data.Manifest.Parts[1].Sha256, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task GetPart_OtherLength_IsRefused(int change)
    {
        using var data = new NumberedRows(10, 4);
        var content = data.Storage.Blobs[data.BlobName(0)];
        data.Storage.Blobs[data.BlobName(0)] = [.. content.Take(content.Length + change), .. new byte[Math.Max(0, change)]];
        var exception = await Assert.ThrowsAsync<InvalidDataException>(async () => await data.Reader.GetPartAsync(0));
        Assert.Contains($"gives {32 + change} bytes where the manifest says 32", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetPart_Missing_IsRefusedWithItsName()
    {
        using var data = new NumberedRows(10, 4);
        data.Storage.Blobs.Clear();
        var exception = await Assert.ThrowsAsync<InvalidDataException>(async () => await data.Reader.GetPartAsync(2));
        Assert.Equal($"Part '{data.BlobName(2)}' is missing.", exception.Message);
    }

    [Fact]
    public async Task GetPart_LabelThatIsNoClass_IsRefusedBeforeAnEngineSeesIt()
    {
        using var good = new NumberedRows(10, 10);
        var content = good.Storage.Blobs[good.BlobName(0)];
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan((3 * 8) + 4), -2);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        var part = good.Manifest.Parts[0] with { Sha256 = sha256, Name = $"part-00000-{sha256[..16]}" };
        good.Storage.Blobs[$"numbers/train/{part.Name}"] = content;
        using var reader = new DatasetStore(good.Storage.Container()).OpenReader(good.Manifest with { Parts = [part] });
        var exception = await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.GetPartAsync(0));
        Assert.Contains("Row 3", exception.Message, StringComparison.Ordinal);
        Assert.Contains("class -2; legal are 0 to 6", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetPart_AskedForBySeveralAtOnce_IsFetchedOnce()
    {
        using var data = new NumberedRows(10, 10);
        var open = new TaskCompletionSource();
        data.Storage.Gate = _ => open.Task;
        var leases = Enumerable.Range(0, 8).Select(_ => data.Reader.GetPartAsync(0).AsTask()).ToArray();
        Assert.All(leases, lease => Assert.False(lease.IsCompleted));
        open.SetResult();
        foreach (var lease in await Task.WhenAll(leases))
        {
            Assert.Equal(80, lease.Rows.Length);
            lease.Dispose();
        }

        Assert.Single(data.Storage.Requests);
        Assert.True(data.Reader.GetPartAsync(0).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task GetPart_WaiterGivesUp_OthersStillGetThePart()
    {
        using var data = new NumberedRows(10, 10);
        var open = new TaskCompletionSource();
        data.Storage.Gate = _ => open.Task;
        using var cancel = new CancellationTokenSource();
        var patient = data.Reader.GetPartAsync(0).AsTask();
        var impatient = data.Reader.GetPartAsync(0, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        open.SetResult();
        (await patient).Dispose();
        Assert.Single(data.Storage.Requests);
    }

    [Fact]
    public async Task GetPart_BudgetOfTwo_DropsTheOneUsedLongestAgo()
    {
        using var data = new NumberedRows(40, 10, cacheBytes: 2 * 80);
        await TakeAsync(0, 1, 0, 2, 0);
        Assert.Equal([0, 1, 2], Loaded());
        await TakeAsync(1);
        Assert.Equal([0, 1, 2, 1], Loaded());
        Assert.Equal(2 * 80, data.Reader.AllocatedBytes);

        async Task TakeAsync(params int[] parts)
        {
            foreach (var part in parts)
            {
                (await data.Reader.GetPartAsync(part)).Dispose();
            }
        }

        int[] Loaded() => [.. data.Storage.Requests.Select(name => Enumerable.Range(0, 4).Single(part => data.BlobName(part) == name))];
    }

    [Fact]
    public async Task GetPart_InUseBeyondTheBudget_StaysAndIsGivenBackLater()
    {
        using var data = new NumberedRows(40, 10, cacheBytes: 80);
        var leases = new List<PartLease>();
        for (var part = 0; part < 4; part++)
        {
            leases.Add(await data.Reader.GetPartAsync(part));
        }

        for (var part = 0; part < 4; part++)
        {
            Assert.Equal(10f * part, BinaryPrimitives.ReadSingleLittleEndian(leases[part].Rows.Span));
        }

        Assert.Equal(4 * 80, data.Reader.AllocatedBytes);
        leases.ForEach(lease => lease.Dispose());
        Assert.Equal(80, data.Reader.AllocatedBytes);
        Assert.Throws<ObjectDisposedException>(() => leases[0].Rows);
    }

    [Fact]
    public void ReadRows_AnyRange_GivesItsBytes()
    {
        var ranges =
            from rows in Gen.Choose(1, 100)
            from partRows in Gen.Choose(1, 30)
            from first in Gen.Choose(0, rows)
            from count in Gen.Choose(0, rows - first)
            select (rows, partRows, first, count);
        Prop.ForAll(ranges.ToArbitrary(), range =>
        {
            using var data = new NumberedRows(range.rows, range.partRows);
            var bytes = new byte[range.count * 8];
            data.Reader.ReadRowsAsync(range.first, range.count, bytes).GetAwaiter().GetResult();
            for (var i = 0; i < range.count; i++)
            {
                Assert.Equal(range.first + i, BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(8 * i)));
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(-1, 1, 8)]
    [InlineData(0, 11, 88)]
    [InlineData(10, 1, 8)]
    [InlineData(0, 2, 15)]
    public async Task ReadRows_OutOfRange_Throws(long first, int count, int bytes)
    {
        using var data = new NumberedRows(10, 4);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => data.Reader.ReadRowsAsync(first, count, new byte[bytes]));
    }
}
