using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Tests;

[CollectionDefinition(nameof(RuntimeTests), DisableParallelization = true)]
public sealed class RuntimeCollection;

// What concerns the whole process runs alone.
[Collection(nameof(RuntimeTests))]
public sealed class RuntimeTests
{
    [Fact]
    public void ManualSeed_Again_RepeatsDropout()
    {
        using var scope = NewDisposeScope();
        manual_seed(11);
        var a = F.dropout(ones(1000));
        var b = F.dropout(ones(1000));
        manual_seed(11);

        Assert.True(a.Equals(F.dropout(ones(1000))));
        Assert.True(b.Equals(F.dropout(ones(1000))));
        Assert.False(a.Equals(b));
        Assert.Equal(11, initial_seed());
    }

    [Fact]
    public void Threads_SetAndRead_Agree()
    {
        var before = get_num_threads();
        set_num_threads(1);
        Assert.Equal(1, get_num_threads());
        set_num_threads(before);
        Assert.Equal(before, get_num_threads());
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => set_num_threads(0));
    }

    [Fact]
    public void Counters_OverAllThreads_ReturnToWhereTheyWere()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        using (NewDisposeScope())
        {
            var a = zeros(3) + 1;
            Assert.Equal(before + 2, Tensor.TotalCount);
            Assert.InRange(Tensor.PeakCount, before + 2, long.MaxValue);
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Threads_ManyAtOnce_ComputeIndependently()
    {
        Parallel.For(0, 64, i =>
        {
            using var scope = NewDisposeScope();
            var a = full(50, (float)i, dtype: float32).requires_grad_();
            (a * a).sum().backward();
            Assert.Equal(2 * i, a.grad!.max().item<float>());
            var error = Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => zeros(2, i + 3).matmul(zeros(2, i + 3)));
            Assert.Contains($"(2x{i + 3} and 2x{i + 3})", error.Message);
        });
    }

    [Fact]
    public void Finalizers_WhileOthersCompute_FreeOnlyWhatNobodyUses()
    {
        var total = 0.0;
        for (var i = 0; i < 2000; i++)
        {
            total += (zeros(10) + 1).mul(2).sum().item<float>();
            if (i % 100 == 0)
            {
                GC.Collect();
            }
        }

        Assert.Equal(2000 * 20, total);
    }

    [Fact]
    public void Version_OfLibtorch_IsNamed() => Assert.Matches(@"^\d+(\.\d+){2,3}$", __version__);
}
