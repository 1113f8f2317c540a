using System.Text;
using Serverless.Core.Validation;
using Serverless.Inference.Configuration;

namespace Serverless.Inference.Tests.Configuration;

public sealed class ModelServingConfigFileTests
{
    private const string Full = """
        {
          "name": "m", "platform": "onnxruntime_onnx", "backend": "onnxruntime", "max_batch_size": 64,
          "version_policy": {"specific": {"versions": [1, 3]}},
          "input": [{"name": "x", "data_type": "TYPE_FP32", "dims": [784]}],
          "output": [{"name": "y", "data_type": "TYPE_FP32", "dims": [10]}],
          "instance_group": [{"count": 2, "kind": "KIND_CPU"}, {"kind": "KIND_GPU", "gpus": [0, 1]}],
          "dynamic_batching": {
            "preferred_batch_size": [16, 4], "max_queue_delay_microseconds": 100, "priority_levels": 2, "default_priority_level": 2,
            "default_queue_policy": {"timeout_action": "DELAY", "default_timeout_microseconds": 5000, "allow_timeout_override": true, "max_queue_size": 8},
            "priority_queue_policy": {"1": {"max_queue_size": 0}}},
          "optimization": {"graph": {"level": 1}, "cuda": {"graphs": true},
            "execution_accelerators": {"gpu_execution_accelerator": [{"name": "tensorrt", "parameters": {"precision_mode": "FP16"}}]}},
          "model_warmup": [{"name": "w", "batch_size": 4, "count": 2, "inputs": {"x": {"data_type": "TYPE_FP32", "dims": [784], "random_data": true}}}],
          "parameters": {"intra_op_thread_count": {"string_value": "2"}, "use_tf32": {"string_value": "0"}}
        }
        """;

    [Fact]
    public void Read_EveryMember_IsUnderstood()
    {
        var config = Read(Full);

        Assert.Equal(64, config.MaxBatchSize);
        Assert.Equal([1, 3], config.VersionPolicy.Specific!.Versions);
        Assert.Equal("x", Assert.Single(config.Input).Name);
        Assert.Equal((InstanceKind.Cpu, 2), (config.InstanceGroup[0].Kind, config.InstanceGroup[0].Count));
        Assert.Equal([0, 1], config.InstanceGroup[1].Gpus);
        var batching = config.DynamicBatching!;
        Assert.Equal([4, 16], batching.PreferredBatchSize);
        Assert.Equal(100, batching.MaxQueueDelayMicroseconds);
        Assert.Equal(
            new QueuePolicy { TimeoutAction = TimeoutAction.Delay, DefaultTimeoutMicroseconds = 5000, AllowTimeoutOverride = true, MaxQueueSize = 8 }, batching.DefaultQueuePolicy);
        Assert.Equal(0, batching.PriorityQueuePolicy[1].MaxQueueSize);
        Assert.True(config.Optimization.Cuda.Graphs);
        Assert.Equal("FP16", config.Optimization.ExecutionAccelerators.GpuExecutionAccelerator[0].Parameters["precision_mode"]);
        Assert.True(config.ModelWarmup[0].Inputs["x"].RandomData);
        Assert.Equal("2", config.Parameters["intra_op_thread_count"].StringValue);
    }

    [Fact]
    public void Write_WhatWasRead_IsReadTheSame()
    {
        var written = ModelServingConfigFile.Write(Read(Full));

        Assert.Equal(Encoding.UTF8.GetString(written), Encoding.UTF8.GetString(ModelServingConfigFile.Write(ModelServingConfigFile.Read(written, "m"))));
        Assert.Contains("\"kind\":\"KIND_GPU\"", Encoding.UTF8.GetString(written), StringComparison.Ordinal);
        Assert.Contains("\"timeout_action\":\"DELAY\"", Encoding.UTF8.GetString(written), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EmptyObject_LeavesEverythingOpen()
    {
        var config = Read("{}");

        Assert.Null(config.MaxBatchSize);
        Assert.Null(config.DynamicBatching);
        Assert.Equal(1, config.VersionPolicy.Latest!.NumVersions);
    }

    [Theory]
    [InlineData("""{"max_batchsize": 4}""", "max_batchsize", "did you mean \"max_batch_size\"")]
    [InlineData("""{"max_batch_size": -1}""", "max_batch_size", "legal 0..")]
    [InlineData("""{"max_batch_size": "4"}""", "max_batch_size", "is \"4\"")]
    [InlineData("""{"name": "other"}""", "name", "the model is called \"m\"")]
    [InlineData("""{"backend": "tensorflow"}""", "backend", "legal is onnxruntime")]
    [InlineData("""{"version_policy": {"latest": {"num_versions": 0}}}""", "version_policy.latest.num_versions", "legal 1..")]
    [InlineData("""{"version_policy": {"latest": {}, "all": {}}}""", "version_policy", "has 2 policies")]
    [InlineData("""{"version_policy": {"specific": {"versions": []}}}""", "version_policy.specific.versions", "is empty")]
    [InlineData("""{"instance_group": [{"kind": "KIND_CPUS"}]}""", "instance_group[0].kind", "did you mean \"KIND_CPU\"")]
    [InlineData("""{"instance_group": [{"kind": "KIND_CPU", "gpus": [0]}]}""", "instance_group[0].gpus", "cannot be given")]
    [InlineData("""{"instance_group": {"count": 1}}""", "instance_group", "an array is needed")]
    [InlineData("""{"dynamic_batching": {"max_queue_delay_us": 5}}""", "dynamic_batching.max_queue_delay_us", "is not a known field")]
    [InlineData("""{"dynamic_batching": {"preferred_batch_size": [0]}}""", "dynamic_batching.preferred_batch_size[0]", "legal 1..")]
    [InlineData("""{"dynamic_batching": {"priority_levels": 2, "default_priority_level": 3}}""", "dynamic_batching.default_priority_level", "legal 1..2")]
    [InlineData("""{"dynamic_batching": {"priority_levels": 2}}""", "dynamic_batching.default_priority_level", "legal 1..2")]
    [InlineData("""{"dynamic_batching": {"priority_queue_policy": {"1": {}}}}""", "dynamic_batching.priority_queue_policy.1", "beyond priority_levels")]
    [InlineData("""{"dynamic_batching": {"default_queue_policy": {"timeout_action": "WAIT"}}}""", "dynamic_batching.default_queue_policy.timeout_action", "legal REJECT, DELAY")]
    [InlineData("""{"parameters": {"intra_op_thread_counts": {"string_value": "2"}}}""", "parameters.intra_op_thread_counts", "did you mean \"intra_op_thread_count\"")]
    [InlineData("""{"parameters": {"intra_op_thread_count": {"string_value": "x"}}}""", "parameters.intra_op_thread_count", "legal 1..1024")]
    [InlineData("""{"parameters": {"use_tf32": {"string_value": "yes"}}}""", "parameters.use_tf32", "legal 0, 1")]
    [InlineData("""{"optimization": {"execution_accelerators": {"gpu_execution_accelerator": [{"name": "tensorrt", "parameters": {"precision_mode": "INT4"}}]}}}""", "optimization.execution_accelerators.gpu_execution_accelerator[0].parameters.precision_mode", "legal FP32, FP16")]
    [InlineData("[]", "", "an object is needed")]
    public void Read_Wrong_NamesTheMemberAndWhatIsLegal(string json, string field, string message)
    {
        var wrong = Assert.Throws<ValidationException>(() => Read(json));

        Assert.Contains(wrong.Errors, error => error.Field == field && error.Message.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"latest": {"num_versions": 2}}""", "7,4")]
    [InlineData("""{"all": {}}""", "7,4,1")]
    [InlineData("""{"specific": {"versions": [1, 4, 9]}}""", "4,1")]
    public void VersionPolicy_Select_GivesTheNewestFirst(string policy, string selected) =>
        Assert.Equal(selected, string.Join(',', Read($$"""{"version_policy": {{policy}}}""").VersionPolicy.Select([4, 1, 7])));

    private static ModelServingConfig Read(string json) => ModelServingConfigFile.Read(Encoding.UTF8.GetBytes(json), "m");
}
