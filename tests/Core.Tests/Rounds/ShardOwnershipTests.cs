using Serverless.Core.Rounds;
using Serverless.Core.Tests.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Rounds;

[Collection(AzuriteCollection.Name)]
public sealed class ShardOwnershipTests(AzuriteServer azurite) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = new OwnershipOptions().Lease;

    private readonly SteppedTime _time = new();
    private readonly string _job = Core.Jobs.JobId.New(DateTimeOffset.UnixEpoch);
    private RoundsBench _bench = null!;

    private ShardOwnership Ownership => _bench.Ownership;

    public Task InitializeAsync()
    {
        _bench = new RoundsBench(azurite, _time);
        return _bench.Storage.CreateAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task TryClaimAsync_ManyAtOnce_ExactlyOneWins()
    {
        for (var shard = 0; shard < 5; shard++)
        {
            var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => Ownership.TryClaimAsync(_job, shard, $"trainer-{i}", 0))));

            var claim = Assert.Single(claims, claim => claim is not null);
            Assert.Equal(claim!.Record, await Ownership.ReadAsync(_job, shard));
        }
    }

    [Fact]
    public async Task TryClaimAsync_ManyAfterTheOwnerDied_ExactlyOneWinsWithAHigherEpoch()
    {
        var dead = await Ownership.TryClaimAsync(_job, 0, "dead", 0);
        _time.Advance(Lease);

        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() => Ownership.TryClaimAsync(_job, 0, $"trainer-{i}", 0))));

        var claim = Assert.Single(claims, claim => claim is not null);
        Assert.Equal((2L, 2), (claim!.Record.Epoch, claim.Attempts));
        Assert.Equal(RenewOutcome.Lost, (await Ownership.RenewAsync(dead!, 0)).Outcome);
    }

    [Fact]
    public async Task TryClaimAsync_LivingOwner_IsRefusedAsLongAsItRenews()
    {
        var claim = await Ownership.TryClaimAsync(_job, 0, "a", 0);
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(Lease - TimeSpan.FromMilliseconds(1));
            Assert.Null(await Ownership.TryClaimAsync(_job, 0, "b", 0));
            Assert.Equal(RenewOutcome.Kept, (await Ownership.RenewAsync(claim!, i)).Outcome);
        }

        _time.Advance(Lease);
        Assert.NotNull(await Ownership.TryClaimAsync(_job, 0, "b", 0));
    }

    [Fact]
    public async Task RenewAsync_ExpiredButNotTaken_GoesOn()
    {
        var claim = await Ownership.TryClaimAsync(_job, 0, "a", 0);
        _time.Advance(Lease * 3);

        Assert.Equal(RenewOutcome.Kept, (await Ownership.RenewAsync(claim!, 0)).Outcome);
        Assert.Null(await Ownership.TryClaimAsync(_job, 0, "b", 0));
    }

    [Fact]
    public async Task Attempts_OwnersThatDieOnTheWayFromTheCheckpointBefore_AreCountedUntilOneGetsFurther()
    {
        // Checkpoint 32 is in storage; whatever happens in round 40 kills whoever comes to it.
        for (var i = 1; i <= 3; i++)
        {
            var claim = await Ownership.TryClaimAsync(_job, 0, $"dying-{i}", 32);
            await Ownership.RenewAsync(claim!, 36);
            await Ownership.RenewAsync(claim!, 40);
            Assert.Equal((40, i), (claim!.Record.Round, claim.Attempts));
            _time.Advance(Lease);
        }

        var last = await Ownership.TryClaimAsync(_job, 0, "last", 32);
        Assert.Equal(4, last!.Attempts);
        await Ownership.RenewAsync(last, 41);
        Assert.Equal(1, last.Attempts);
    }

    [Fact]
    public async Task Attempts_OwnersThatDieInTheSameRound_AreCountedAndOrderlyOnesAreNot()
    {
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(i, (await Ownership.TryClaimAsync(_job, 0, $"dying-{i}", 7))!.Attempts);
            _time.Advance(Lease);
        }

        var orderly = await Ownership.TryClaimAsync(_job, 0, "orderly", 7);
        Assert.True(await Ownership.ReleaseAsync(orderly!));
        var next = await Ownership.TryClaimAsync(_job, 0, "next", 7);
        Assert.Equal(4, next!.Attempts);

        await Ownership.RenewAsync(next, 8);
        Assert.Equal(1, next.Attempts);
        _time.Advance(Lease);
        Assert.Equal(2, (await Ownership.TryClaimAsync(_job, 0, "last", 8))!.Attempts);
    }

    [Fact]
    public async Task ReleaseAsync_Owner_LetsAnybodyTakeItAtOnce()
    {
        var claim = await Ownership.TryClaimAsync(_job, 0, "a", 0);

        Assert.True(await Ownership.ReleaseAsync(claim!));

        Assert.NotNull(await Ownership.TryClaimAsync(_job, 0, "b", 0));
        Assert.False(await Ownership.ReleaseAsync(claim!));
        Assert.Equal("b", (await Ownership.ReadAsync(_job, 0))!.Trainer);
    }

    [Fact]
    public async Task HandOver_Requested_GoesToWhoAskedAndToNobodyElse()
    {
        var claim = await Ownership.TryClaimAsync(_job, 0, "rich", 3);
        Assert.True(await Ownership.RequestAsync(_job, 0, "poor"));
        Assert.True(await Ownership.RequestAsync(_job, 0, "poor"));
        Assert.False(await Ownership.RequestAsync(_job, 0, "late"));

        var renewed = await Ownership.RenewAsync(claim!, 3);
        Assert.Equal(new RenewResult(RenewOutcome.HandOverRequested, "poor"), renewed);
        Assert.Equal(HandOverOutcome.Done, await Ownership.HandOverAsync(claim!, renewed.RequestedBy!));

        Assert.Null(await Ownership.TryClaimAsync(_job, 0, "late", 4));
        var taken = await Ownership.TryClaimAsync(_job, 0, "poor", 4);
        Assert.Equal((3L, 1, null), (taken!.Record.Epoch, taken.Attempts, taken.Record.RequestedBy));
        Assert.Equal(RenewOutcome.Lost, (await Ownership.RenewAsync(claim!, 4)).Outcome);
    }

    [Fact]
    public async Task HandOver_ToATrainerThatDied_IsFreeAfterTheLease()
    {
        var claim = await Ownership.TryClaimAsync(_job, 0, "a", 0);
        await Ownership.RequestAsync(_job, 0, "dead");
        await Ownership.RenewAsync(claim!, 0);
        Assert.Equal(HandOverOutcome.Done, await Ownership.HandOverAsync(claim!, "dead"));
        Assert.Null(await Ownership.TryClaimAsync(_job, 0, "b", 0));

        _time.Advance(Lease);

        Assert.NotNull(await Ownership.TryClaimAsync(_job, 0, "b", 0));
    }

    [Fact]
    public async Task HandOver_AskerHasWithdrawn_ShardStays()
    {
        var claim = await Ownership.TryClaimAsync(_job, 0, "rich", 3);
        await Ownership.RequestAsync(_job, 0, "poor");
        var renewed = await Ownership.RenewAsync(claim!, 3);

        Assert.False(await Ownership.WithdrawAsync(_job, 0, "other"));
        Assert.True(await Ownership.WithdrawAsync(_job, 0, "poor"));

        Assert.Equal(HandOverOutcome.Withdrawn, await Ownership.HandOverAsync(claim!, renewed.RequestedBy!));
        Assert.Equal(("rich", null), ((await Ownership.ReadAsync(_job, 0))!.Trainer, (await Ownership.ReadAsync(_job, 0))!.RequestedBy));
        Assert.Equal(RenewOutcome.Kept, (await Ownership.RenewAsync(claim!, 3)).Outcome);
    }

    [Fact]
    public async Task HandOver_LostBefore_IsLost()
    {
        var claim = await Ownership.TryClaimAsync(_job, 0, "slow", 3);
        await Ownership.RequestAsync(_job, 0, "poor");
        await Ownership.RenewAsync(claim!, 3);
        _time.Advance(Lease);
        await Ownership.TryClaimAsync(_job, 0, "fast", 3);

        Assert.Equal(HandOverOutcome.Lost, await Ownership.HandOverAsync(claim!, "poor"));
        Assert.False(await Ownership.WithdrawAsync(_job, 0, "poor"));
    }

    [Fact]
    public async Task RequestAsync_NobodyToAsk_IsFalse()
    {
        Assert.False(await Ownership.RequestAsync(_job, 0, "a"));
        await Ownership.TryClaimAsync(_job, 0, "b", 0);
        _time.Advance(Lease);
        Assert.False(await Ownership.RequestAsync(_job, 0, "a"));
    }

    [Fact]
    public async Task RenewAndRelease_AtOnce_NeitherIsLost()
    {
        for (var shard = 0; shard < 10; shard++)
        {
            var claim = (await Ownership.TryClaimAsync(_job, shard, "a", 0))!;

            await Task.WhenAll(Task.Run(() => Ownership.RenewAsync(claim, 1)), Task.Run(() => Ownership.RequestAsync(_job, shard, "b")), Task.Run(() => Ownership.RenewAsync(claim, 1)));

            var record = await Ownership.ReadAsync(_job, shard);
            Assert.Equal(("a", "b", 1), (record!.Trainer, record.RequestedBy, record.Round));
        }
    }
}
