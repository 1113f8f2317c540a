using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Tests;

public sealed class AutogradTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Functions =>
        ["linear", "conv2d", "maxPool", "avgPool", "globalPool", "relu", "gelu", "tanh", "sigmoid", "batchNorm", "layerNorm", "crossEntropy", "mse", "attention"];

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Functions))]
    public void Backward_OfEachFunction_AgreesWithFiniteDifferences(string function)
    {
        var generator = new Generator(7);
        Tensor Random(params long[] shape) => randn(shape, dtype: float64, generator: generator);
        var (inputs, evaluate) = Problem(function, Random);
        var weights = evaluate(inputs).randn_like();
        foreach (var input in inputs)
        {
            input.requires_grad = true;
        }

        (evaluate(inputs) * weights).sum().backward();

        const double Step = 1e-6;
        using var frozen = no_grad();
        foreach (var input in inputs)
        {
            var elements = input.view(-1);
            var gradient = input.grad!.contiguous().view(-1);
            for (var i = 0L; i < elements.numel(); i += Math.Max(1, elements.numel() / 7))
            {
                using var scope = NewDisposeScope();
                var element = elements[i];
                element.add_(Step);
                var above = (evaluate(inputs) * weights).sum().item<double>();
                element.sub_(2 * Step);
                var below = (evaluate(inputs) * weights).sum().item<double>();
                element.add_(Step);
                Assert.Equal((above - below) / (2 * Step), gradient[i].item<double>(), 1e-5);
            }
        }
    }

    [Fact]
    public void Backward_GradientSetToAView_AccumulatesIntoTheWholeBuffer()
    {
        var parameters = tensor(new float[] { 1, 2, 3, 4, 5, 6 });
        var gradients = zeros(6);
        var weight = parameters.narrow(0, 0, 4).view(2, 2).detach().requires_grad_();
        var bias = parameters.narrow(0, 4, 2).detach().requires_grad_();
        weight.grad = gradients.narrow(0, 0, 4).view(2, 2);
        bias.grad = gradients.narrow(0, 4, 2);
        var input = tensor(new float[,] { { 1, 10 } });

        for (var pass = 1; pass <= 2; pass++)
        {
            F.linear(input, weight, bias).sum().backward();
            Assert.Equal(new float[] { 1, 10, 1, 10, 1, 1 }.Select(value => value * pass), gradients.data<float>());
        }

        using (no_grad())
        {
            parameters.add_(gradients, -0.5f);
        }

        Assert.Equal([0f, -8, 2, -6], weight.data<float>());
        Assert.Equal([4f, 5], bias.data<float>());
        gradients.zero_();
        Assert.Equal([0f, 0], bias.grad!.data<float>());
    }

    [Fact]
    public void Backward_ThroughBFloat16_ReachesFloat32Parameters()
    {
        using var generator = new Generator(2);
        var image = randn(2, 3, 8, 8, generator: generator);
        var kernel = randn(4, 3, 3, 3, generator: generator);
        var weight = randn(5, 4, generator: generator);

        var exact = Gradients(tensor => tensor);
        var rounded = Gradients(tensor => tensor.to(ScalarType.BFloat16));

        Assert.All(rounded, gradient => Assert.Equal(ScalarType.Float32, gradient.dtype));
        Assert.All(exact.Zip(rounded), pair => Assert.True((pair.First - pair.Second).norm().item<float>() < 0.02f * pair.First.norm().item<float>()));

        Tensor[] Gradients(Func<Tensor, Tensor> compute)
        {
            var (first, second) = (kernel.clone().requires_grad_(), weight.clone().requires_grad_());
            var features = F.relu(F.conv2d(compute(image), compute(first), padding: [1])).mean([2, 3]);
            var logits = F.linear(features, compute(second)).to(ScalarType.Float32);
            F.cross_entropy(logits, tensor(new long[] { 1, 4 })).backward();
            return [first.grad!, second.grad!];
        }
    }

    [Fact]
    public void Gradient_BeforeBackwardAndAfterSettingNull_IsNull()
    {
        var a = ones(2, requires_grad: true);
        Assert.Null(a.grad);
        a.sum().backward();
        Assert.Equal([1f, 1], a.grad!.data<float>());
        a.grad = null;
        Assert.Null(a.grad);
    }

    [Fact]
    public void Modes_NoGradAndInference_RecordNothing()
    {
        var a = ones(2, requires_grad: true);
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((a * 2).requires_grad);
            using (enable_grad())
            {
                Assert.True((a * 2).requires_grad);
            }

            Assert.False(is_grad_enabled());
        }

        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False((a * 2).requires_grad);
        }

        Assert.False(is_inference_mode_enabled());
        Assert.True((a * 2).requires_grad);
        Assert.False((a * 2).detach().requires_grad);
    }

    [Fact]
    public void Leaf_OfGraphs_IsWhatOneMade()
    {
        var a = ones(2, requires_grad: true);
        var b = a * 2;
        Assert.True(a.is_leaf);
        Assert.False(b.is_leaf);
        b.retain_grad();
        b.sum().backward();
        Assert.Equal([1f, 1], b.grad!.data<float>());
    }

    [Fact]
    public void Grad_OfFunctions_LeavesTheLeavesAlone()
    {
        var a = tensor(new[] { 2f, 3 }, requires_grad: true);
        var gradients = autograd.grad([(a * a).sum()], [a]);
        Assert.Equal([4f, 6], Assert.Single(gradients).data<float>());
        Assert.Null(a.grad);
    }

    [Fact]
    public void Backward_WithGivenGradientAndRetainedGraph_RunsAgain()
    {
        var a = tensor(new[] { 2f, 3 }, requires_grad: true);
        var b = a * a;
        b.backward([tensor(new[] { 1f, 10 })], retain_graph: true);
        b.backward([tensor(new[] { 1f, 10 })]);
        Assert.Equal([8f, 120], a.grad!.data<float>());
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => b.backward([ones(2)]));
    }

    private static (Tensor[] Inputs, Func<Tensor[], Tensor> Evaluate) Problem(string function, Func<long[], Tensor> random) => function switch
    {
        "linear" => ([random([3, 4]), random([2, 4]), random([2])], x => F.linear(x[0], x[1], x[2])),
        "conv2d" => ([random([2, 2, 5, 5]), random([3, 2, 3, 3]), random([3])], x => F.conv2d(x[0], x[1], x[2], strides: [2], padding: [1])),
        "maxPool" => ([random([1, 2, 4, 4])], x => F.max_pool2d(x[0], 2)),
        "avgPool" => ([random([1, 2, 4, 4])], x => F.avg_pool2d(x[0], 2)),
        "globalPool" => ([random([1, 2, 4, 4])], x => F.adaptive_avg_pool2d(x[0], 1)),
        "relu" => ([random([9])], x => F.relu(x[0])),
        "gelu" => ([random([9])], x => F.gelu(x[0])),
        "tanh" => ([random([9])], x => F.tanh(x[0])),
        "sigmoid" => ([random([9])], x => F.sigmoid(x[0])),
        "batchNorm" => ([random([3, 2, 2, 2]), random([2]), random([2])], x => F.batch_norm(x[0], null, null, x[1], x[2], training: true)),
        "layerNorm" => ([random([3, 4]), random([4]), random([4])], x => F.layer_norm(x[0], [4], x[1], x[2])),
        "crossEntropy" => ([random([3, 4])], x => F.cross_entropy(x[0], tensor(new long[] { 0, 3, 1 }), label_smoothing: 0.1)),
        "mse" => ([random([3, 4]), random([3, 4])], x => F.mse_loss(x[0], x[1])),
        "attention" => ([random([2, 3, 4]), random([2, 3, 4]), random([2, 3, 4])], x => F.scaled_dot_product_attention(x[0], x[1], x[2], is_casual: true)),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, null),
    };
}
