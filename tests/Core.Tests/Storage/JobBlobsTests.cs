using Serverless.Core.Storage;

namespace Serverless.Core.Tests.Storage;

public sealed class JobBlobsTests
{
    [Fact]
    public void Paths_OfRoundsAndShards_SortAsNumbersDo()
    {
        int[] rounds = [0, 9, 10, 999, 1000, JobBlobs.MaximumRound];

        Assert.Equal(rounds, rounds.OrderBy(round => JobBlobs.Contribution("j", round, 0), StringComparer.Ordinal));
        Assert.Equal(rounds, rounds.OrderBy(round => JobBlobs.Checkpoint("j", round), StringComparer.Ordinal));
    }

    [Fact]
    public void Paths_AreThoseOfTheArchitecture()
    {
        Assert.Equal("j/rounds/00012/003.safetensors", JobBlobs.Contribution("j", 12, 3));
        Assert.Equal("j/rounds/00012/003.state.safetensors", JobBlobs.ShardState("j", 12, 3));
        Assert.Equal("j/checkpoints/00012.safetensors", JobBlobs.Checkpoint("j", 12));
        Assert.Equal("j/evaluations/00012/1023.safetensors", JobBlobs.Evaluation("j", 12, 1023));
        Assert.Equal("j/shards/003/owner", JobBlobs.Owner("j", 3));
        Assert.Equal("j/metrics.jsonl", JobBlobs.Metrics("j", 0));
        Assert.Equal("j/metrics.2.jsonl", JobBlobs.Metrics("j", 2));
    }

    [Theory]
    [InlineData("j/rounds/00012/003.safetensors", true, 3)]
    [InlineData("j/rounds/00012/1023.safetensors", true, 1023)]
    [InlineData("j/rounds/00012/003.state.safetensors", false, 0)]
    [InlineData("j/rounds/00012/.safetensors", false, 0)]
    [InlineData("j/rounds/00012/-03.safetensors", false, 0)]
    [InlineData("j/rounds/00012/003", false, 0)]
    public void TryParseShard_Path_TellsContributionsFromTheRest(string path, bool expected, int shard)
    {
        Assert.Equal(expected, JobBlobs.TryParseShard(path, out var parsed));
        Assert.Equal(shard, parsed);
    }

    [Fact]
    public void TryParseRound_PathsOfAllKinds_GivesTheRound()
    {
        Assert.True(JobBlobs.TryParseRound(JobBlobs.Contribution("j", 12, 3), JobBlobs.Rounds("j"), out var contribution));
        Assert.True(JobBlobs.TryParseRound(JobBlobs.Checkpoint("j", 13), JobBlobs.Checkpoints("j"), out var checkpoint));
        Assert.True(JobBlobs.TryParseRound(JobBlobs.Evaluation("j", 14, 3), JobBlobs.Evaluations("j"), out var evaluation));
        Assert.Equal((12, 13, 14), (contribution, checkpoint, evaluation));
        Assert.False(JobBlobs.TryParseRound("j/rounds/x/3", JobBlobs.Rounds("j"), out _));
        Assert.False(JobBlobs.TryParseRound("k/rounds/00001/3", JobBlobs.Rounds("j"), out _));
    }
}
