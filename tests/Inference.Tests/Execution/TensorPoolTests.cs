using Serverless.Inference.Execution;

namespace Serverless.Inference.Tests.Execution;

public sealed class TensorPoolTests
{
    [Theory]
    [InlineData(0, 1024)]
    [InlineData(1, 1024)]
    [InlineData(1024, 1024)]
    [InlineData(1025, 2048)]
    [InlineData(65536, 65536)]
    [InlineData(65537, 131072)]
    public void Rent_AnyLength_GivesThatManyAlignedBytes(int length, int capacity)
    {
        var pool = new TensorPool();

        var buffer = pool.Rent(length);

        Assert.Equal(length, buffer.Bytes.Length);
        Assert.Equal(0, buffer.Address % TensorBuffer.Alignment);
        buffer.Dispose();
        Assert.Equal(capacity, pool.Retained);
    }

    [Fact]
    public void Rent_AfterReturn_UsesTheSameBlock()
    {
        var pool = new TensorPool();
        var first = pool.Rent(5000);
        var address = first.Address;
        first.Dispose();

        using var second = pool.Rent(6000);

        Assert.Equal(address, second.Address);
        Assert.Equal(0, pool.Retained);
    }

    [Fact]
    public void Dispose_Twice_ReturnsOnce()
    {
        var pool = new TensorPool();
        var buffer = pool.Rent(10);
        buffer.Dispose();
        buffer.Dispose();

        using var first = pool.Rent(10);
        using var second = pool.Rent(10);

        Assert.NotEqual(first.Address, second.Address);
    }

    [Fact]
    public void Return_BeyondTheBound_KeepsNoMore()
    {
        var pool = new TensorPool(maxRetained: 3000);
        var buffers = Enumerable.Range(0, 10).Select(_ => pool.Rent(1024)).ToList();

        buffers.ForEach(buffer => buffer.Dispose());

        Assert.Equal(2048, pool.Retained);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData((1 << 30) + 1)]
    public void Rent_IllegalLength_Throws(int length) => Assert.Throws<ArgumentOutOfRangeException>(() => new TensorPool().Rent(length));
}
