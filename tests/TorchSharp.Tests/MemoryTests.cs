using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class MemoryTests
{
    [Fact]
    public void FromArray_SameType_SharesTheArray()
    {
        using var scope = NewDisposeScope();
        var array = new float[] { 1, 2, 3, 4 };
        var shared = from_array(array).view(2, 2);
        var copied = tensor(array);

        array[3] = 9;
        shared[0, 0] = 7f;

        Assert.Equal([7f, 2, 3, 9], shared.data<float>());
        Assert.Equal([1f, 2, 3, 4], copied.data<float>());
        Assert.Equal(7, array[0]);
    }

    [Fact]
    public void FromBuffer_PartOfAnArray_SharesThatPart()
    {
        using var scope = NewDisposeScope();
        var array = new byte[] { 0, 1, 2, 3, 4 };
        var part = frombuffer(array, ScalarType.Byte, count: 2, offset: 3);
        var converted = frombuffer(array, ScalarType.Float32, count: 2, offset: 1);

        part.fill_(9);

        Assert.Equal([0, 1, 2, 9, 9], array);
        Assert.Equal([1f, 2], converted.data<float>());
        Assert.Throws<ArgumentException>(() => frombuffer(array, ScalarType.Byte, offset: 5));
        Assert.Throws<IndexOutOfRangeException>(() => frombuffer(array, ScalarType.Byte, count: 3, offset: 3));
    }

    [Fact]
    public void SharedArray_LastViewDisposed_IsUnpinned()
    {
        var array = Share(out var view);
        Assert.True(Collect(array));
        view.Dispose();
        Assert.False(Collect(array));
    }

    [Fact]
    public void Tensor_NeverDisposed_IsFreedByItsFinalizer()
    {
        var array = Abandon();
        Assert.False(Collect(array));
    }

    [Fact]
    public void SharedArray_ViewFails_IsUnpinned()
    {
        var array = Fail();
        Assert.False(Collect(array));
    }

    [Fact]
    public void Bytes_OfAContiguousTensor_AreItsMemory()
    {
        using var scope = NewDisposeScope();
        var a = tensor(new[] { 1f, 2 });

        MemoryMarshal.Cast<byte, float>(a.bytes)[1] = 5;
        Assert.Equal([1f, 5], a.data<float>());
        a.bytes = MemoryMarshal.AsBytes(new[] { 3f, 4 }.AsSpan());
        Assert.Equal([3f, 4], a.data<float>());
        Assert.Throws<ArgumentException>(() => a.bytes = new byte[4]);
        Assert.Throws<InvalidOperationException>(() => zeros(2, 3).t().bytes.Length);
    }

    [Fact]
    public void Stream_OfBytes_RoundTrips()
    {
        using var scope = NewDisposeScope();
        var a = rand(1000);
        var b = zeros(1000);
        using var stream = new MemoryStream();

        a.WriteBytesToStream(stream, 300);
        stream.Position = 0;
        b.ReadBytesFromStream(stream, 300);

        Assert.True(a.Equals(b));
        Assert.Throws<EndOfStreamException>(() => b.ReadBytesFromStream(stream));
    }

    [Fact]
    public void Accessor_OfAnyStrides_FollowsTheDimensions()
    {
        using var scope = NewDisposeScope();
        var a = arange(6, dtype: float32).view(2, 3).t();
        var data = a.data<float>();
        var some = new float[4];

        Assert.Equal([0f, 3, 1, 4, 2, 5], data.ToArray());
        Assert.Equal(4, data[3]);
        Assert.Equal(5, data[2, 1]);
        data.CopyTo(some, 1, 2);
        Assert.Equal([0f, 1, 4, 2], some);
        data.CopyFrom(new[] { 10f, 11 }, 0, 4);
        Assert.Equal([0f, 3, 1, 4, 10, 11], a.data<float>());
        data[0, 1] = -3;
        Assert.Equal(-3, a[0, 1].item<float>());
        Assert.Equal(new float[,] { { 0, -3 }, { 1, 4 }, { 10, 11 } }, (float[,])data.ToNDArray());
        Assert.Throws<IndexOutOfRangeException>(() => data[6]);
        Assert.Throws<IndexOutOfRangeException>(() => data[0, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => data[-1]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Share(out Tensor view)
    {
        var array = new float[100];
        using var tensor = from_array(array);
        view = tensor.narrow(0, 50, 10);
        return new WeakReference(array);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Abandon()
    {
        var array = new float[100];
        _ = from_array(array);
        return new WeakReference(array);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Fail()
    {
        var array = new float[100];
        Assert.Throws<ExternalException>(() => frombuffer(array, ScalarType.Float32, count: 4, requires_grad: true).view(7, 7));
        return new WeakReference(array);
    }

    // The first collection lets finalizers run, the second takes what they let go.
    private static bool Collect(WeakReference reference)
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        GC.Collect();
        return reference.IsAlive;
    }
}
