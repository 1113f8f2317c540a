using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Tests.Rounds;
using Serverless.Trainer.Devices;
using Serverless.Trainer.Shards;
using static TorchSharp.torch;

namespace Serverless.Trainer.Tests.Shards;

/// <summary>Which shards a trainer asks others for. The others are only their claims here.</summary>
public sealed class BalancerTests(TrainerCase trainers) : IClassFixture<TrainerCase>, IDisposable
{
    private readonly SteppedTime _time = new();
    private readonly Engine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public async Task TryTake_OwnerGaveAwayWhatItCouldSpare_WithdrawsAndAsksAnother()
    {
        var (job, services) = await BeginAsync(shards: 4);
        using var balancer = new Balancer(services, job);
        var asked = await ClaimAsync(services, job, "asked", 0, 3);
        var rich = await ClaimAsync(services, job, "rich", 1, 2);
        Assert.Null(await balancer.TryTakeAsync(_ => false, 0, default));
        Assert.Equal(["-", "-", "-", "poor"], await RequestsAsync(services, job));
        await services.Ownership.RequestAsync(job.Id, 0, "other");
        await RenewAsync(services, asked[0], rich[0], rich[1]);
        Assert.Equal(HandOverOutcome.Done, await services.Ownership.HandOverAsync(asked[0], "other"));

        // Not at once: looking costs a request a shard.
        Assert.Null(await balancer.TryTakeAsync(_ => false, 0, default));
        Assert.Equal(["-", "-", "-", "poor"], await RequestsAsync(services, job));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Null(await balancer.TryTakeAsync(_ => false, 0, default));

        Assert.Equal(["-", "-", "poor", "-"], await RequestsAsync(services, job));
    }

    [Fact]
    public async Task TryTake_OwnerCanSpareTheShard_WaitsForIt()
    {
        var (job, services) = await BeginAsync(shards: 2);
        using var balancer = new Balancer(services, job);
        var rich = await ClaimAsync(services, job, "rich", 0, 1);
        for (var look = 0; look < 5; look++)
        {
            Assert.Null(await balancer.TryTakeAsync(_ => false, 0, default));
            Assert.Equal(["-", "poor"], await RequestsAsync(services, job));
            Assert.True(balancer.IsPromised);
            _time.Advance(TimeSpan.FromSeconds(3));
            await RenewAsync(services, rich);
        }

        Assert.Equal(HandOverOutcome.Done, await services.Ownership.HandOverAsync(rich[1], "poor"));
        Assert.Equal(1, (await balancer.TryTakeAsync(_ => false, 0, default))!.Shard);
        Assert.False(balancer.IsPromised);
    }

    [Fact]
    public async Task TryTake_OtherOwnerDiesMeanwhile_TakesItsShardBeforeTheOneAskedFor()
    {
        var (job, services) = await BeginAsync(shards: 3);
        using var balancer = new Balancer(services, job);
        var rich = await ClaimAsync(services, job, "rich", 1, 2);
        await ClaimAsync(services, job, "dying", 0);
        Assert.Null(await balancer.TryTakeAsync(_ => false, 0, default));
        for (var look = 0; look < 2; look++)
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            await RenewAsync(services, rich);
        }

        Assert.Equal(0, (await balancer.TryTakeAsync(_ => false, 0, default))!.Shard);

        // With one of its own it has no claim to one of two.
        Assert.Null(await balancer.TryTakeAsync(shard => shard == 0, 0, default));
        _time.Advance(TimeSpan.FromSeconds(3));
        await RenewAsync(services, rich);
        Assert.Null(await balancer.TryTakeAsync(shard => shard == 0, 0, default));
        Assert.Equal(["-", "-", "-"], await RequestsAsync(services, job));
    }

    [Fact]
    public async Task TryTake_OthersHaveAskedForWhatAnOwnerCanSpare_AsksNobody()
    {
        var (job, services) = await BeginAsync(shards: 2);
        using var balancer = new Balancer(services, job);
        await ClaimAsync(services, job, "rich", 0, 1);
        await services.Ownership.RequestAsync(job.Id, 0, "other");

        Assert.Null(await balancer.TryTakeAsync(_ => false, 0, default));

        Assert.Equal(["other", "-"], await RequestsAsync(services, job));
    }

    private async Task<(TrainingJob Job, TrainerServices Services)> BeginAsync(int shards)
    {
        var data = await StoredDataset.WriteAsync(trainers.Storage, [1, 8, 8], classes: 3, rows: 200, testRows: 0);
        var job = await trainers.SubmitAsync(
            new JobSpec { Dataset = data.Name, Network = TrainerCase.SmallImages, Shards = shards, BatchSize = 10, Rounds = 5 }, data.Train, hints: false);
        return (job, new TrainerServices("poor", trainers.Storage, _engine, () => CPU, _time, NullLoggerFactory.Instance));
    }

    private static async Task<ShardClaim[]> ClaimAsync(TrainerServices services, TrainingJob job, string trainer, params int[] shards) =>
        [.. (await Task.WhenAll(shards.Select(shard => services.Ownership.TryClaimAsync(job.Id, shard, trainer, 0)))).Select(claim => claim!)];

    private static async Task RenewAsync(TrainerServices services, params ShardClaim[] claims) =>
        await Task.WhenAll(claims.Select(claim => services.Ownership.RenewAsync(claim, 0)));

    private static async Task<string[]> RequestsAsync(TrainerServices services, TrainingJob job) =>
        await Task.WhenAll(job.Plan.Shards.Select(async shard => (await services.Ownership.ReadAsync(job.Id, shard.Index))?.RequestedBy ?? "-"));
}
