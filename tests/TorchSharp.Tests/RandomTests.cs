using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Tests;

// One class, so that no two of these draw from the process's generator at once.
public sealed class RandomTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Generator_SameSeed_SameNumbers()
    {
        using var first = new Generator(5);
        using var second = new Generator(5);
        var a = randn(100, generator: first);

        Assert.True(a.Equals(randn(100, generator: second)));
        Assert.False(a.Equals(randn(100, generator: second)));
        second.manual_seed(5);
        Assert.True(a.Equals(randn(100, generator: second)));
        Assert.Equal(5, second.initial_seed());
    }

    [Fact]
    public void Generator_RestoredState_GoesOnFromThere()
    {
        using var generator = new Generator(5);
        rand(10, generator: generator);
        var state = generator.get_state();
        var a = rand(10, generator: generator);
        generator.set_state(state);
        Assert.True(a.Equals(rand(10, generator: generator)));
    }

    [Fact]
    public void Dropout_InTraining_DropsTheShareAndScalesTheRest()
    {
        var dropped = F.dropout(ones(100000), 0.25);
        var kept = dropped.ne(0);

        Assert.InRange(kept.to(float32).mean().item<float>(), 0.74f, 0.76f);
        Assert.Equal(1 / 0.75f, dropped.max().item<float>(), 1e-6f);
        Assert.True(ones(10).Equals(F.dropout(ones(10), 0.25, training: false)));
    }

    [Fact]
    public void Distributions_OfManyNumbers_HaveTheirMoments()
    {
        using var generator = new Generator(1);
        var uniform = zeros(100000).uniform_(2, 4, generator);
        var normal = zeros(100000).normal_(1, 2, generator);

        Assert.InRange(uniform.min().item<float>(), 2, 2.01f);
        Assert.InRange(uniform.max().item<float>(), 3.99f, 4);
        Assert.Equal(1, normal.mean().item<float>(), 0.05f);
        Assert.Equal(2, normal.std().item<float>(), 0.05f);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), randperm(50, generator: generator).data<long>().Order());
        Assert.InRange(randint(3, 9, [1000], generator: generator).max().item<long>(), 3, 8);
        Assert.Equal(0.3f, full(100000, 0.3f, dtype: float32).bernoulli(generator).mean().item<float>(), 0.01f);
    }
}
