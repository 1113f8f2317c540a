using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Tests;

public sealed class FunctionalTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Linear_KnownValues_Agrees() =>
        Assert.Equal([9f, 13], F.linear(tensor(new float[,] { { 1, 2 } }), tensor(new float[,] { { 3, 1 }, { 1, 4 } }), tensor(new float[] { 4, 4 })).data<float>());

    [Fact]
    public void Conv2d_KnownValues_Agrees()
    {
        var image = arange(9, dtype: float32).view(1, 1, 3, 3);
        var kernel = tensor(new float[] { 1, 0, 0, -1 }, [1, 1, 2, 2]);

        Assert.Equal([-4f, -4, -4, -4], F.conv2d(image, kernel).data<float>());
        Assert.Equal([1L, 1, 4, 4], F.conv2d(image, kernel, padding: [1]).shape);
        Assert.Equal([1L, 1, 1, 1], F.conv2d(image, kernel, strides: [2]).shape);
        Assert.Equal([-3f], F.conv2d(image, kernel, tensor(new[] { 5f }), dilation: [2, 2]).data<float>());
    }

    [Fact]
    public void Pooling_KnownValues_Agrees()
    {
        var image = arange(16, dtype: float32).view(1, 1, 4, 4);

        Assert.Equal([5f, 7, 13, 15], F.max_pool2d(image, 2).data<float>());
        Assert.Equal([5f, 6, 7, 9, 10, 11, 13, 14, 15], F.max_pool2d(image, 2, stride: 1).data<float>());
        Assert.Equal([2.5f, 4.5f, 10.5f, 12.5f], F.avg_pool2d(image, (2, 2)).data<float>());
        Assert.Equal([7.5f], F.adaptive_avg_pool2d(image, 1).data<float>());
        Assert.Equal([1L, 1, 2, 1], F.adaptive_avg_pool2d(image, (2, 1)).shape);
    }

    [Fact]
    public void Activations_KnownValues_Agree()
    {
        var x = tensor(new[] { -1f, 0, 2 });

        Assert.Equal([0f, 0, 2], F.relu(x).data<float>());
        AssertClose([-0.15865526, 0, 1.9544997], F.gelu(x));
        AssertClose([-0.76159416, 0, 0.96402758], F.tanh(x));
        AssertClose([0.26894142, 0.5, 0.88079708], F.sigmoid(x));
        AssertClose([-0.26894142, 0, 1.7615942], F.silu(x));
        AssertClose([0.04201007, 0.1141952, 0.84379473], F.softmax(x, 0));
        AssertClose([-3.1698460, -2.1698460, -0.1698460], F.log_softmax(x, 0));
        Assert.Equal([-0.5f, 0, 2], F.leaky_relu(x, 0.5).data<float>());
    }

    [Fact]
    public void Activations_InPlace_OverwriteTheInput()
    {
        var x = tensor(new[] { -1f, 0, 2 });
        var y = F.relu(x, inplace: true);

        Assert.NotSame(x, y);
        Assert.Equal([0f, 0, 2], x.data<float>());
        x.fill_(5);
        Assert.Equal([5f, 5, 5], y.data<float>());
    }

    [Fact]
    public void BatchNorm_InTraining_NormalisesAndLearnsStatistics()
    {
        var x = tensor(new float[,] { { 1, 10 }, { 3, 30 } });
        var mean = zeros(2);
        var variance = ones(2);

        var y = F.batch_norm(x, mean, variance, training: true, momentum: 0.5, eps: 0);

        AssertClose([-1, -1, 1, 1], y);
        AssertClose([1, 10], mean);
        AssertClose([1.5, 100.5], variance);
        AssertClose([0, 0, 2 / Math.Sqrt(1.5), 20 / Math.Sqrt(100.5)], F.batch_norm(x, mean, variance, eps: 0));
    }

    [Fact]
    public void LayerNorm_KnownValues_Agrees() => AssertClose(
        [-2.4494897, 1, 1 + (3 * 1.2247449)],
        F.layer_norm(tensor(new float[,] { { 1, 2, 3 } }), [3], tensor(new[] { 2f, 9, 3 }), tensor(new[] { 0f, 1, 1 }), eps: 0));

    [Fact]
    public void Losses_KnownValues_Agree()
    {
        var logits = tensor(new float[,] { { 1, 2, 3 }, { 3, 2, 1 } });
        var classes = tensor(new long[] { 2, 1 });

        Assert.Equal((0.40760596 + 1.40760596) / 2, F.cross_entropy(logits, classes).item<float>(), 1e-6);
        Assert.Equal(0.40760596 + 1.40760596, F.cross_entropy(logits, classes, reduction: nn.Reduction.Sum).item<float>(), 1e-6);
        AssertClose([0.40760596, 1.40760596], F.cross_entropy(logits, classes, reduction: nn.Reduction.None));
        Assert.Equal(0.40760596, F.cross_entropy(logits, tensor(new long[] { 2, -100 })).item<float>(), 1e-6);
        Assert.Equal((0.40760596 + 1.40760596) / 2, F.nll_loss(F.log_softmax(logits, 1), classes).item<float>(), 1e-6);
        Assert.Equal(2.5, F.mse_loss(tensor(new[] { 1f, 2 }), tensor(new[] { 2f, 4 })).item<float>());
        Assert.Equal(1.5, F.l1_loss(tensor(new[] { 1f, 2 }), tensor(new[] { 2f, 4 })).item<float>());
        Assert.Equal(0.6931472, F.binary_cross_entropy_with_logits(zeros(3), ones(3)).item<float>(), 1e-6);
    }

    [Fact]
    public void Attention_AgainstItsDefinition_Agrees()
    {
        using var generator = new Generator(3);
        var (query, key, value) = (randn(2, 3, 4, generator: generator), randn(2, 5, 4, generator: generator), randn(2, 5, 6, generator: generator));
        var mask = rand(3, 5, generator: generator).gt(0.5).logical_or(eye(3, 5).to(@bool));
        var scores = (query.matmul(key.transpose(1, 2)) / 2).masked_fill(mask.logical_not(), double.NegativeInfinity);

        var attended = F.scaled_dot_product_attention(query, key, value, mask);

        Assert.True(attended.allclose(scores.softmax(-1).matmul(value), atol: 1e-6));
        Assert.Throws<ArgumentException>(() => F.scaled_dot_product_attention(query, key, value, mask, is_casual: true));
        Assert.Throws<ArgumentException>(() => F.scaled_dot_product_attention(query, key, value, p: -1));
    }

    [Fact]
    public void OneHot_OfClasses_MarksEach() => Assert.Equal([0L, 1, 1, 0], F.one_hot(tensor(new long[] { 1, 0 })).data<long>());

    private static void AssertClose(double[] expected, Tensor actual)
    {
        var values = actual.to(float64).flatten().data<double>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], values[i], 1e-5);
        }
    }
}
