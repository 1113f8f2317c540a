using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class TensorTests
{
    [Fact]
    public void Arithmetic_KnownValues_Agree()
    {
        using var scope = NewDisposeScope();
        var a = tensor(new float[] { 1, 2, 3, 4 }, [2, 2]);
        var b = tensor(new float[] { 5, 6, 7, 8 }, [2, 2]);

        Assert.Equal([6f, 8, 10, 12], (a + b).data<float>());
        Assert.Equal([4f, 4, 4, 4], (b - a).data<float>());
        Assert.Equal([5f, 12, 21, 32], (a * b).data<float>());
        Assert.Equal([5f, 3, 7f / 3, 2], (b / a).data<float>());
        Assert.Equal([19f, 22, 43, 50], a.matmul(b).data<float>());
        Assert.Equal([3f, 4, 5, 6], (a + 2).data<float>());
        Assert.Equal([1f, 0, -1, -2], (2 - a).data<float>());
        Assert.Equal([1f, 4, 9, 16], a.pow(2).data<float>());
    }

    [Fact]
    public void Error_ShapesThatDoNotFit_ThrowsExternalException()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => zeros(2, 3).matmul(zeros(4, 5)));
        Assert.Contains("(2x3 and 4x5)", error.Message);
    }
}
