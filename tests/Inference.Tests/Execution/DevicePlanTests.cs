using Serverless.Inference.Configuration;
using Serverless.Inference.Execution;
using Serverless.Inference.Models;

namespace Serverless.Inference.Tests.Execution;

public sealed class DevicePlanTests
{
    private const int Cores = 6;

    [Theory]
    [InlineData("auto", true, "gpu0x1")]
    [InlineData("auto", false, "cpux6")]
    [InlineData("cpu", true, "cpux6")]
    [InlineData("cuda", true, "gpu0x1")]
    [InlineData("cuda:3", true, "gpu3x1")]
    public void Decide_NothingConfigured_FollowsTheServer(string device, bool hasCuda, string expected)
    {
        var plan = Decide([], device, hasCuda);

        Assert.Equal(expected, Describe(plan));
        Assert.Null(plan.FallbackReason);
    }

    [Fact]
    public void Decide_SeveralGroups_AreAllPlaced()
    {
        var plan = Decide([new() { Kind = InstanceKind.Gpu, Gpus = [0, 2], Count = 2 }, new() { Kind = InstanceKind.Cpu, Count = 1 }, new() { Kind = InstanceKind.Gpu, Gpus = [2] }], "auto", hasCuda: true);

        Assert.Equal("gpu0x2 gpu2x3 cpux1", Describe(plan));
    }

    [Theory]
    [InlineData("cuda", InstanceKind.Auto)]
    [InlineData("auto", InstanceKind.Gpu)]
    public void Decide_NoCuda_FallsBackAndSaysWhy(string device, InstanceKind kind)
    {
        var plan = Decide([new() { Kind = kind }], device, hasCuda: false);

        Assert.Equal("cpux6", Describe(plan));
        Assert.Equal("there is no driver", plan.FallbackReason);
    }

    [Fact]
    public void Decide_ServerSaysProcessor_OverrulesTheModel()
    {
        var plan = Decide([new() { Kind = InstanceKind.Gpu }], "cpu", hasCuda: true);

        Assert.Equal("cpux6", Describe(plan));
        Assert.Contains("Inference__Device is cpu", plan.FallbackReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda", InstanceKind.Auto)]
    [InlineData("auto", InstanceKind.Auto)]
    [InlineData("auto", InstanceKind.Gpu)]
    public void Decide_NoCudaAndRequired_Refuses(string device, InstanceKind kind)
    {
        var refused = Assert.Throws<ModelLoadException>(() => DevicePlan.Decide([new() { Kind = kind }], device, true, () => "there is no driver", Cores));

        Assert.Contains("there is no driver", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_OnlyProcessorWanted_NeverLooksForCuda() =>
        Assert.Equal("cpux2", Describe(DevicePlan.Decide([new() { Kind = InstanceKind.Cpu, Count = 2 }], "auto", true, () => throw new InvalidOperationException(), Cores)));

    private static DevicePlan Decide(IReadOnlyList<InstanceGroup> groups, string device, bool hasCuda) =>
        DevicePlan.Decide(groups, device, requiresGpu: false, () => hasCuda ? null : "there is no driver", Cores);

    private static string Describe(DevicePlan plan) => string.Join(' ', plan.Groups.Select(group => $"{(group.Gpu is { } gpu ? $"gpu{gpu}" : "cpu")}x{group.Count}"));
}
