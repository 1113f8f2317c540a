using Serverless.Core.Storage;

namespace Serverless.Core.Tests.Storage;

public sealed class TrafficPolicyTests
{
    [Theory]
    [InlineData("/devstoreaccount1/jobs/j/rounds/00001/002.safetensors", "", TrafficKind.Contribution)]
    [InlineData("/jobs/j/rounds/00001/002.safetensors", "", TrafficKind.Contribution)]
    [InlineData("/jobs/j/rounds/00001/002.state.safetensors", "", TrafficKind.ShardState)]
    [InlineData("/jobs/j/checkpoints/00001.safetensors", "", TrafficKind.Checkpoint)]
    [InlineData("/jobs/j/evaluations/00001/002.safetensors", "", TrafficKind.Evaluation)]
    [InlineData("/jobs/j/shards/002/owner", "", TrafficKind.Owner)]
    [InlineData("/jobs/j/status.json", "", TrafficKind.Status)]
    [InlineData("/jobs/j/metrics.jsonl", "?comp=appendblock", TrafficKind.Metrics)]
    [InlineData("/jobs/j/spec.json", "", TrafficKind.Job)]
    [InlineData("/jobs/active/j", "", TrafficKind.Job)]
    [InlineData("/jobs", "?restype=container&comp=list&prefix=x", TrafficKind.List)]
    [InlineData("/datasets/digits/train/part-00000", "", TrafficKind.Dataset)]
    [InlineData("/models/digits/1/model.onnx", "", TrafficKind.Model)]
    [InlineData("/devstoreaccount1/training-shards/messages", "", TrafficKind.Queue)]
    [InlineData("/devstoreaccount1/jobs-of-others/x", "", TrafficKind.Other)]
    public void KindOf_Request_IsWhatItIsAbout(string path, string query, TrafficKind kind) => Assert.Equal(kind, TrafficPolicy.KindOf(path, query));
}
