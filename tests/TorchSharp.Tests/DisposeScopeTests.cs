using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class DisposeScopeTests
{
    [Fact]
    public void Scope_Disposed_DisposesWhatWasMadeInIt()
    {
        Tensor a, b;
        using (var scope = NewDisposeScope())
        {
            a = zeros(2);
            b = a + 1;
            Assert.Equal(2, scope.DisposablesCount);
            Assert.True(scope.Contains(a));
        }

        Assert.True(a.IsInvalid);
        Assert.True(b.IsInvalid);
    }

    [Fact]
    public void MoveToOuter_FromInnerScope_LivesAsLongAsTheOuter()
    {
        using var outer = NewDisposeScope();
        Tensor kept;
        using (NewDisposeScope())
        {
            kept = zeros(2).MoveToOuterDisposeScope();
        }

        Assert.False(kept.IsInvalid);
        Assert.True(outer.Contains(kept));
        outer.Dispose();
        Assert.True(kept.IsInvalid);
    }

    [Fact]
    public void MoveToOuter_WithoutOuterScope_BelongsToNone()
    {
        Tensor kept;
        using (NewDisposeScope())
        {
            kept = zeros(2).MoveToOuterDisposeScope();
        }

        Assert.False(kept.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void Detach_FromNestedScopes_OutlivesThemAll()
    {
        Tensor kept;
        using (NewDisposeScope())
        using (NewDisposeScope())
        {
            kept = zeros(2).DetachFromDisposeScope();
        }

        Assert.False(kept.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void DisposeEverythingBut_SomeTensors_KeepsOnlyThese()
    {
        using var scope = NewDisposeScope();
        var a = zeros(2);
        var b = zeros(2);

        Assert.Same(a, scope.DisposeEverythingBut(a));

        Assert.False(a.IsInvalid);
        Assert.True(b.IsInvalid);
        Assert.Equal([a], scope.DisposablesView);
    }

    [Fact]
    public void Attach_TensorOfAnotherScope_ChangesItsScope()
    {
        using var outer = NewDisposeScope();
        var a = zeros(2);
        using (var inner = NewDisposeScope())
        {
            inner.Attach(a);
            Assert.False(outer.Contains(a));
        }

        Assert.True(a.IsInvalid);
    }

    [Fact]
    public void Tensor_DisposedByHand_LeavesItsScope()
    {
        using var scope = NewDisposeScope();
        zeros(2).Dispose();
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Scope_DisposedTwiceOrUsedAfterwards_Refuses()
    {
        var scope = NewDisposeScope();
        scope.Dispose();
        scope.Dispose();
        Assert.Throws<ObjectDisposedException>(() => scope.DisposablesCount);
        Assert.Throws<ObjectDisposedException>(() => scope.MoveToOuter(zeros(1)));
    }

    [Fact]
    public void Scopes_DisposedOutOfOrder_StayLinked()
    {
        using var outer = NewDisposeScope();
        var middle = NewDisposeScope();
        using var inner = NewDisposeScope();
        middle.Dispose();

        var a = zeros(1).MoveToOuterDisposeScope();

        Assert.True(outer.Contains(a));
    }

    [Fact]
    public void Wrapped_Expression_KeepsItsResultOnly()
    {
        using var scope = NewDisposeScope();
        var result = WrappedTensorDisposeScope(() => (zeros(2) + 1) * 3);
        Assert.Equal([3f, 3], result.data<float>());
        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void Scope_OfOneThread_DoesNotCatchTensorsOfAnother()
    {
        using var scope = NewDisposeScope();
        Tensor? other = null;
        var thread = new Thread(() => other = zeros(2));
        thread.Start();
        thread.Join();

        Assert.Equal(0, scope.DisposablesCount);
        other!.Dispose();
    }

    [Fact]
    public void TrainingSteps_EachInAScope_LeakNoTensor()
    {
        var statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        using (var weight = rand(4, 3, requires_grad: true))
        {
            var before = statistics.ThreadTotalLiveCount;
            for (var i = 0; i < 100; i++)
            {
                using var scope = NewDisposeScope();
                var loss = nn.functional.cross_entropy(rand(2, 3).matmul(weight.t()), tensor(new long[] { 0, 3 }));
                loss.backward();
                using var frozen = no_grad();
                weight.sub_(weight.grad! * 0.1f);
                weight.grad = null;
            }

            Assert.Equal(before, statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(0, statistics.ThreadTotalLiveCount);
    }
}
