using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Tests.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Rounds;

[Collection(AzuriteCollection.Name)]
public sealed class MetricsLogTests(AzuriteServer azurite) : IAsyncLifetime
{
    private readonly RoundsBench _bench = new(azurite);
    private readonly string _job = JobId.New(DateTimeOffset.UnixEpoch);

    public Task InitializeAsync() => _bench.Storage.CreateAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task ReadAsync_NothingWritten_IsEmpty() => Assert.Empty(await _bench.Metrics.ReadAsync(_job).ToListAsync());

    [Fact]
    public async Task ReadAsync_RepeatedLines_GivesEachOnceInOrder()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _bench.Metrics.AppendAsync(_job, [Line(0, 0), Line(0, 1)])));
        await _bench.Metrics.AppendAsync(_job, [Line(1, 0), Line(1, 1)]);
        await _bench.Metrics.AppendAsync(_job, [Line(1, 0), Line(1, 1)]);
        await _bench.Metrics.AppendEvaluationAsync(_job, 1, new EvaluationSummary([0], 10, 5, 1), DateTimeOffset.UnixEpoch);

        var lines = await _bench.Metrics.ReadAsync(_job).ToListAsync();

        Assert.Equal([(0, 0), (0, 1), (1, 0), (1, 1), (1, (int?)null)], lines.Select(line => (line.Round, line.Shard)));
        Assert.Equal(Line(1, 1), lines[3]);
        Assert.Equal([1, 1, 1], (await _bench.Metrics.ReadAsync(_job, afterRound: 0).ToListAsync()).Select(line => line.Round));
    }

    [Fact]
    public async Task AppendAsync_LongJob_GoesOnInFurtherBlobs()
    {
        await _bench.Metrics.AppendAsync(_job, [Line(0, 0)]);
        await _bench.Metrics.AppendAsync(_job, [Line(10_000, 0)]);

        Assert.Equal([0, 10_000], (await _bench.Metrics.ReadAsync(_job).ToListAsync()).Select(line => line.Round));
        Assert.Equal([10_000], (await _bench.Metrics.ReadAsync(_job, 9_999).ToListAsync()).Select(line => line.Round));
        Assert.Equal([10_000], (await _bench.Metrics.ReadAsync(_job, 500).ToListAsync()).Select(line => line.Round));
    }

    [Fact]
    public async Task AppendAsync_MoreThanOneAppendTakes_IsSplitBetweenLines()
    {
        var lines = Enumerable.Range(0, 1024).Select(shard => Line(0, shard) with { Trainer = new string('t', 5000) }).ToList();

        await _bench.Metrics.AppendAsync(_job, lines);

        Assert.Equal(lines, await _bench.Metrics.ReadAsync(_job).ToListAsync());
    }

    private static MetricsLine Line(int round, int shard) =>
        new() { Round = round, Shard = shard, Samples = 64, Loss = 0.5 + shard, Trainer = "trainer", ComputeSeconds = 0.1, WaitSeconds = 0.01, At = DateTimeOffset.UnixEpoch };
}
