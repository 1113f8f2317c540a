using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Inference.Configuration;
using Serverless.Inference.Execution;
using Serverless.Inference.Models;
using Serverless.Inference.Statistics;

namespace Serverless.Inference.Tests.Execution;

public sealed class ModelRunnerFactoryTests
{
    private static readonly byte[] Rows = TestModels.Identity(new TestTensor("x", TensorElementType.Float, -1, 2));

    private readonly StatisticsRegistry _registry = new();

    [Fact]
    public void Load_FreeFirstDimension_IsFoundOutAndStated()
    {
        using var runner = Load(Rows, ModelServingConfig.Default);

        Assert.Equal(512, runner.Config.MaxBatchSize);
        var input = Assert.Single(runner.Config.Input);
        Assert.Equal(("x", "TYPE_FP32"), (input.Name, input.DataType));
        Assert.Equal([2], input.Dims);
        Assert.Equal((InstanceKind.Cpu, 3), (runner.Config.InstanceGroup[0].Kind, runner.Config.InstanceGroup[0].Count));
        Assert.Equal(77, runner.Config.DynamicBatching!.DefaultQueuePolicy.MaxQueueSize);
        Assert.Equal("m", Assert.Single(_registry.Models).Model);
    }

    [Fact]
    public void Load_RenderedConfiguration_CanBeLoadedAgain()
    {
        using var runner = Load(Rows, ModelServingConfig.Default);

        using var again = Load(Rows, ModelServingConfigFile.Read(ModelServingConfigFile.Write(runner.Config), "m"));

        Assert.Equal(ModelServingConfigFile.Write(runner.Config), ModelServingConfigFile.Write(again.Config));
        Assert.Single(_registry.Models);
    }

    [Fact]
    public void Load_OutputsHaveOtherRows_AreNotJoined()
    {
        // The sum of tensors of which one has always one row has the other's rows; a fixed input is enough to keep requests apart.
        var model = TestModels.Sum(new TestTensor("a", TensorElementType.Float, -1), new TestTensor("b", TensorElementType.Float, 1));

        using var runner = Load(model, ModelServingConfig.Default);

        Assert.Equal(0, runner.Config.MaxBatchSize);
    }

    [Fact]
    public void Load_BatchConfiguredForAModelWithout_IsRefused()
    {
        var fixedRows = TestModels.Identity(new TestTensor("x", TensorElementType.Float, 4, 2));

        var refused = Assert.Throws<ModelLoadException>(() => Load(fixedRows, new ModelServingConfig { MaxBatchSize = 8 }));

        Assert.Contains("max_batch_size 8", refused.Message, StringComparison.Ordinal);
        Assert.Contains("[4,2]", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_DeclarationsThatAreNotTheModels_AreRefused()
    {
        var otherName = new ModelServingConfig { Input = [new ConfiguredTensor("y", "TYPE_FP32", [2])] };
        var otherType = new ModelServingConfig { Output = [new ConfiguredTensor("x_out", "TYPE_INT64", [2])] };

        Assert.Contains("'y'", Assert.Throws<ModelLoadException>(() => Load(Rows, otherName)).Message, StringComparison.Ordinal);
        Assert.Contains("TYPE_INT64 [2]", Assert.Throws<ModelLoadException>(() => Load(Rows, otherType)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WarmupThatDoesNotFit_IsRefused()
    {
        var sample = new WarmupSample { Name = "large", Inputs = new Dictionary<string, WarmupInput> { ["x"] = new() { Dims = [3] } } };

        var refused = Assert.Throws<ModelLoadException>(() => Load(Rows, new ModelServingConfig { ModelWarmup = [sample] }));

        Assert.Contains("'large'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WarmupAndSettings_AreTaken()
    {
        var config = new ModelServingConfig
        {
            ModelWarmup = [new WarmupSample { Name = "w", BatchSize = 4, Count = 2, Inputs = new Dictionary<string, WarmupInput> { ["x"] = new() { Dims = [2], RandomData = true, ZeroData = false } } }],
            Optimization = new ModelOptimization { Graph = new GraphOptimization { Level = -1 } },
            Parameters = new Dictionary<string, ParameterValue> { ["intra_op_thread_count"] = new("2"), ["enable_mem_arena"] = new("0") },
            InstanceGroup = [new InstanceGroup { Kind = InstanceKind.Cpu, Count = 1 }],
        };

        using var runner = Load(Rows, config);

        Assert.Equal(1, runner.Config.InstanceGroup[0].Count);
        Assert.Equal(0, runner.Statistics.Read().Executions);
    }

    [Fact]
    public void Load_NotAModel_SaysSo() =>
        Assert.Contains("cannot load", Assert.Throws<ModelLoadException>(() => Load([1, 2, 3], ModelServingConfig.Default)).Message, StringComparison.Ordinal);

    [Fact]
    public void Create_GpuRequiredAndNone_Refuses() => Assert.Contains(
        "RequireGpu", Assert.Throws<InvalidOperationException>(() => Factory(new InferenceOptions { RequireGpu = true })).Message, StringComparison.Ordinal);

    [Fact]
    public void Dispose_TakesTheStatisticsAway()
    {
        Load(Rows, ModelServingConfig.Default).Dispose();

        Assert.Empty(_registry.Models);
    }

    private ModelRunner Load(byte[] onnx, ModelServingConfig config) =>
        Factory(new InferenceOptions { MaxBatchSize = 512, MaxConcurrentRuns = 3, MaxQueueSize = 77, Device = "cpu" }).Load("m", "1", OnnxModelSource.FromBytes(onnx), config);

    private ModelRunnerFactory Factory(InferenceOptions options) =>
        new(Options.Create(options), _registry, TimeProvider.System, NullLogger<ModelRunnerFactory>.Instance);
}
