using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class ModuleTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Linear_FreshlyMade_IsInitialisedAsPyTorchDoes()
    {
        using var linear = nn.Linear(400, 30);

        Assert.Equal([30L, 400], linear.weight.shape);
        Assert.InRange(linear.weight.max().item<float>(), 0.049f, 0.05f);
        Assert.InRange(linear.weight.min().item<float>(), -0.05f, -0.049f);
        Assert.InRange(linear.bias!.abs().max().item<float>(), 0.03f, 0.05f);
        Assert.True(linear.weight.requires_grad);
        Assert.True(linear.weight.is_leaf);
        Assert.Equal(["weight", "bias"], linear.named_parameters().Select(entry => entry.name));
        Assert.False(nn.Linear(2, 3, hasBias: false).has_parameter("bias"));
    }

    [Fact]
    public void Linear_WeightReplaced_ComputesWithTheNewOne()
    {
        using var linear = nn.Linear(2, 1);
        var old = linear.weight;
        var flat = tensor(new[] { 2f, 3, 4 });

        linear.weight = new Parameter(flat.narrow(0, 0, 2).view(1, 2).detach());
        linear.bias = new Parameter(flat.narrow(0, 2, 1).detach());
        flat.mul_(10);

        Assert.True(old.IsInvalid);
        Assert.Equal([90f], linear.call(ones(1, 2)).data<float>());
        Assert.Same(linear.weight, linear.get_parameter("weight"));
    }

    [Fact]
    public void Sequential_OfNamedAndUnnamedSteps_KnowsTheirParametersByPath()
    {
        using var named = nn.Sequential(("first", nn.Linear(4, 3)), ("act", nn.ReLU()), ("last", nn.Linear(3, 2)));
        using var numbered = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Dropout(0.5), nn.Linear(3, 2));

        Assert.Equal(["first.weight", "first.bias", "last.weight", "last.bias"], named.named_parameters().Select(entry => entry.name));
        Assert.Equal(["0.weight", "0.bias", "3.weight", "3.bias"], numbered.state_dict().Keys);
        Assert.Equal([5L, 2], named.forward(rand(5, 4)).shape);
        Assert.Equal(4, numbered.Count);
        Assert.Same(named.get_parameter("last.bias"), ((Linear)named[2]).bias);
        Assert.Null(named.get_parameter("last.nothing"));
        Assert.False(named.has_parameter("nothing.bias"));
    }

    [Fact]
    public void Sequential_Forward_DisposesWhatLiesBetween()
    {
        using var network = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2));
        var input = rand(5, 4);
        using var scope = NewDisposeScope();
        using var output = network.call(input);
        Assert.Equal([output], scope.DisposablesView);
    }

    [Fact]
    public void Training_OfAModule_ReachesItsParts()
    {
        using var network = nn.Sequential(nn.Dropout(0.9), nn.Identity());

        network.eval();
        Assert.False(((nn.Module)network[0]).training);
        Assert.True(network.call(ones(100)).Equals(ones(100)));
        network.train();
        Assert.True(network.training);
        Assert.False(network.call(ones(100)).Equals(ones(100)));
    }

    [Fact]
    public void ZeroGrad_ForgetsOrZeroes()
    {
        using var linear = nn.Linear(2, 2);
        linear.call(ones(1, 2)).sum().backward();
        var gradient = linear.weight.grad!;

        linear.zero_grad(set_to_none: false);
        Assert.Equal([0f, 0, 0, 0], gradient.data<float>());
        linear.zero_grad();
        Assert.Null(linear.weight.grad);
    }

    [Fact]
    public void BatchNorm2d_InTraining_CountsAndAveragesItsBatches()
    {
        using var norm = nn.BatchNorm2d(2, momentum: 0.25);
        var input = tensor(new float[] { 0, 2, 10, 30 }, [1, 2, 1, 2]);

        norm.call(input);

        Assert.Equal([0.25f, 5], norm.running_mean!.data<float>());
        Assert.Equal([1.25f, 50.75f], norm.running_var!.data<float>());
        Assert.Equal(1, norm.num_batches_tracked!.item<long>());
        Assert.Equal(["running_mean", "running_var", "num_batches_tracked"], norm.named_buffers().Select(entry => entry.name));
        norm.eval();
        Assert.Equal((0 - 0.25f) / MathF.Sqrt(1.25f + 1e-5f), norm.call(input)[0, 0, 0, 0].item<float>(), 1e-6f);
        Assert.Throws<ArgumentException>(() => norm.call(ones(2, 2)));
    }

    [Fact]
    public void Images_ThroughConvolutionAndPools_HaveTheShapesOfTheFormulas()
    {
        using var network = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding: 1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, (3, 3), stride: (2, 2)), nn.AvgPool2d(2), nn.Flatten());

        Assert.Equal([3L, 54], network.call(rand(3, 1, 28, 28)).shape);
        Assert.Equal([2L, 4, 1, 1], nn.AdaptiveAvgPool2d(1).call(rand(2, 4, 5, 5)).shape);
        Assert.Throws<ArgumentException>(() => network.call(rand(3, 2, 28, 28)));
    }

    [Fact]
    public void Embedding_OfIndices_LooksUpRows()
    {
        using var table = nn.Embedding(5, 3, padding_idx: 2);
        var found = table.call(tensor(new long[,] { { 1, 2 } }));

        Assert.Equal([1L, 2, 3], found.shape);
        Assert.True(found[0, 0].Equals(table.weight![1]));
        Assert.Equal([0f, 0, 0], found[0, 1].data<float>());
    }

    [Fact]
    public void StateDict_LoadedIntoAnother_MakesItCompute()
    {
        using var first = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.GELU());
        using var second = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.GELU());
        using var other = nn.Sequential(nn.Linear(4, 3));
        var input = rand(2, 4);

        second.load_state_dict(first.state_dict());

        Assert.True(first.call(input).Equals(second.call(input)));
        Assert.Throws<InvalidOperationException>(() => other.load_state_dict(first.state_dict()));
        Assert.Equal(["1.weight", "1.bias"], other.load_state_dict(first.state_dict(), strict: false).unexpected_keyes);
    }

    [Fact]
    public void Module_OfAUser_RegistersFieldsByName()
    {
        using var module = new Residual();

        Assert.Equal(["scale", "inner.weight", "inner.bias"], module.named_parameters().Select(entry => entry.name));
        Assert.Equal(["offset"], module.named_buffers().Select(entry => entry.name));
        Assert.Equal(["inner"], module.named_children().Select(entry => entry.name));
        Assert.Equal("residual", module.GetName());
        Assert.Equal([1L, 3], module.call(ones(1, 3)).shape);
        Assert.Throws<InvalidOperationException>(() => module.register_module("inner", nn.ReLU()));
        Assert.Throws<ArgumentException>(() => module.register_module("a.b", nn.ReLU()));
    }

    [Fact]
    public void Module_ToAnotherType_ReplacesParametersEverywhere()
    {
        using var module = new Residual();
        module.call(ones(1, 3)).sum().backward();

        module.to(ScalarType.Float64);

        Assert.All(module.parameters(), parameter => Assert.Equal(ScalarType.Float64, parameter.dtype));
        Assert.All(module.parameters(), parameter => Assert.Equal(ScalarType.Float64, parameter.grad!.dtype));
        Assert.All(module.buffers(), buffer => Assert.Equal(ScalarType.Float64, buffer.dtype));
        Assert.Equal(ScalarType.Float64, module.call(ones(1, 3, dtype: float64)).dtype);
        Assert.Throws<ArgumentException>(() => module.to(ScalarType.Int32));
    }

    [Fact]
    public void Module_Disposed_DisposesParametersAndBuffers()
    {
        var module = new Residual();
        var tensors = module.parameters().Concat(module.buffers()).ToArray();
        module.Dispose();
        Assert.All(tensors, tensor => Assert.True(tensor.IsInvalid));
    }

    [Fact]
    public void Parameters_OfALayer_OutliveTheScopeTheyWereMadeIn()
    {
        Linear linear;
        using (NewDisposeScope())
        {
            linear = nn.Linear(2, 2);
        }

        Assert.Equal([2L, 2], linear.weight.shape);
        linear.Dispose();
    }

    [Fact]
    public void Initialisers_OfKnownFans_KeepTheirBounds()
    {
        var weight = empty(300, 100);

        Assert.Equal((100L, 300L), nn.init.CalculateFanInAndFanOut(weight));
        Assert.InRange(nn.init.kaiming_uniform_(weight, nonlinearity: nn.init.NonlinearityType.ReLU).max().item<float>(), 0.24f, 0.245f);
        Assert.Equal(Math.Sqrt(2.0 / 400), nn.init.xavier_normal_(weight).std().item<float>(), 0.002);
        Assert.Equal(1, nn.init.ones_(weight).min().item<float>());
        Assert.Equal(3, nn.init.constant_(weight, 3).max().item<float>());
        Assert.Throws<ArgumentException>(() => nn.init.CalculateFanInAndFanOut(empty(3)));
    }

    [Fact]
    public void Losses_AsModules_EqualTheFunctions()
    {
        var logits = rand(3, 4);
        var classes = tensor(new long[] { 1, 2, 0 });

        Assert.True(nn.CrossEntropyLoss().call(logits, classes).Equals(nn.functional.cross_entropy(logits, classes)));
        Assert.True(nn.MSELoss(nn.Reduction.Sum).call(logits, zeros(3, 4)).allclose(logits.square().sum()));
    }

    private sealed class Residual : nn.Module<Tensor, Tensor>
    {
        private readonly Linear inner = nn.Linear(3, 3);
        private readonly Parameter scale = nn.Parameter(ones(3));
        private readonly Tensor offset = zeros(3);

        public Residual()
            : base("residual") => RegisterComponents();

        public override Tensor forward(Tensor input) => input + (inner.call(input) * scale) + offset;
    }
}
