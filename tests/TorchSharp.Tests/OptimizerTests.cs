using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class OptimizerTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Sgd_WithMomentumAndDecay_FollowsTheFormula()
    {
        var parameter = nn.Parameter(tensor(new[] { 1.0 }));
        using var optimizer = optim.SGD([parameter], 0.1, momentum: 0.9, weight_decay: 0.01);
        var (value, buffer) = (1.0, 0.0);

        for (var i = 0; i < 5; i++)
        {
            Step(optimizer, parameter);
            var gradient = (2 * value) + (0.01 * value);
            buffer = i == 0 ? gradient : (0.9 * buffer) + gradient;
            value -= 0.1 * buffer;
        }

        Assert.Equal(value, parameter.item<double>(), 1e-12);
    }

    [Fact]
    public void Sgd_WithNesterovMomentum_LooksAhead()
    {
        var parameter = nn.Parameter(tensor(new[] { 1.0 }));
        using var optimizer = optim.SGD([parameter], 0.1, momentum: 0.9, nesterov: true);
        var (value, buffer) = (1.0, 0.0);

        for (var i = 0; i < 5; i++)
        {
            Step(optimizer, parameter);
            var gradient = 2 * value;
            buffer = i == 0 ? gradient : (0.9 * buffer) + gradient;
            value -= 0.1 * (gradient + (0.9 * buffer));
        }

        Assert.Equal(value, parameter.item<double>(), 1e-12);
        Assert.Throws<ArgumentException>(() => optim.SGD([parameter], 0.1, nesterov: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Adam_WithDecay_FollowsTheFormula(bool decoupled)
    {
        var parameter = nn.Parameter(tensor(new[] { 1.0 }));
        using OptimizerHelper optimizer = decoupled
            ? optim.AdamW([parameter], 0.1, weight_decay: 0.05)
            : optim.Adam([parameter], 0.1, weight_decay: 0.05);
        var (value, first, second) = (1.0, 0.0, 0.0);

        for (var i = 1; i <= 5; i++)
        {
            Step(optimizer, parameter);
            var gradient = 2 * value;
            if (decoupled)
            {
                value -= 0.1 * 0.05 * value;
            }
            else
            {
                gradient += 0.05 * value;
            }

            first = (0.9 * first) + (0.1 * gradient);
            second = (0.999 * second) + (0.001 * gradient * gradient);
            value -= 0.1 * (first / (1 - Math.Pow(0.9, i))) / (Math.Sqrt(second / (1 - Math.Pow(0.999, i))) + 1e-8);
        }

        Assert.Equal(value, parameter.item<double>(), 1e-12);
    }

    [Fact]
    public void ParameterGroups_WithRatesOfTheirOwn_MoveByThem()
    {
        var (a, b) = (nn.Parameter(tensor(new[] { 1.0 })), nn.Parameter(tensor(new[] { 1.0 })));
        using var optimizer = optim.SGD([new SGD.ParamGroup([a], lr: 0.5), new SGD.ParamGroup { Parameters = [b] }], 0.1);

        (a + b).sum().backward();
        optimizer.step();
        Assert.Equal(0.5, a.item<double>(), 1e-12);
        Assert.Equal(0.9, b.item<double>(), 1e-12);

        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate *= 0.1;
        }

        optimizer.step();
        Assert.Equal(0.45, a.item<double>(), 1e-12);
        Assert.Equal(0.89, b.item<double>(), 1e-12);
    }

    [Fact]
    public void ZeroGrad_OfAnOptimizer_ZeroesInPlace()
    {
        var parameter = nn.Parameter(ones(2));
        using var optimizer = optim.SGD([parameter], 0.1);
        parameter.sum().backward();
        var gradient = parameter.grad!;
        optimizer.zero_grad();
        Assert.Equal([0f, 0], gradient.data<float>());
    }

    [Fact]
    public void Step_WithClosure_ReturnsTheLoss()
    {
        var parameter = nn.Parameter(tensor(new[] { 3f }));
        using var optimizer = optim.Adam([parameter]);
        var loss = optimizer.step(() =>
        {
            var squared = parameter.square().sum();
            squared.backward();
            return squared;
        });

        Assert.Equal(9, loss!.item<float>());
        Assert.Equal(3 - 1e-3f, parameter.item<float>(), 1e-5f);
    }

    [Fact]
    public void Steps_Many_HoldNoMoreTensorsThanTheState()
    {
        var parameter = nn.Parameter(ones(2));
        using var optimizer = optim.AdamW([parameter], amsgrad: true);
        parameter.sum().backward();
        optimizer.step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 10; i++)
        {
            optimizer.step();
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Clipping_OfTheCommonNorm_ScalesAllGradients()
    {
        var (a, b) = (nn.Parameter(zeros(1)), nn.Parameter(zeros(1)));
        (a.mul(3) + b.mul(4)).sum().backward();

        Assert.Equal(5, nn.utils.clip_grad_norm_([a, b], 10), 1e-6);
        Assert.Equal(3, a.grad!.item<float>());
        Assert.Equal(5, nn.utils.clip_grad_norm_([a, b], 1), 1e-6);
        Assert.Equal(0.6f, a.grad!.item<float>(), 1e-6f);
        Assert.Equal(0.8f, b.grad!.item<float>(), 1e-6f);
        nn.utils.clip_grad_value_([a, b], 0.7);
        Assert.Equal(0.7f, b.grad!.item<float>());
    }

    [Fact]
    public void Vectors_OfParameters_RoundTrip()
    {
        var (a, b) = (nn.Parameter(tensor(new float[,] { { 1, 2 } })), nn.Parameter(tensor(new[] { 3f })));
        Assert.Equal([1f, 2, 3], nn.utils.parameters_to_vector([a, b]).data<float>());
        nn.utils.vector_to_parameters(tensor(new[] { 4f, 5, 6 }), [a, b]);
        Assert.Equal([4f, 5], a.data<float>());
        Assert.Equal([6f], b.data<float>());
    }

    private static void Step(OptimizerHelper optimizer, Parameter parameter)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        parameter.square().sum().backward();
        optimizer.step();
    }
}
