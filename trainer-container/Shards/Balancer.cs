using Azure;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;

namespace Serverless.Trainer.Shards;

/// <summary>
/// Keeps every shard of a job in living hands, and about as many in each: takes shards whose owner has died or that nobody ever took, and asks a trainer that has at
/// least two more than this one for one of them.
/// </summary>
/// <param name="services">Ownership, clock.</param>
/// <param name="job">The job.</param>
internal sealed class Balancer(TrainerServices services, TrainingJob job) : IDisposable
{
    private const int AtOnce = 8;

    // Looking costs a request for each foreign shard: the more there are, the less often.
    private static readonly TimeSpan PerShard = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RequestPause = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _urgent = new(0, 1);
    private int? _requested;
    private long _requestedAt;
    private long? _lookedAt;

    /// <summary>Whether another trainer was asked for a shard and has not given it yet.</summary>
    /// <remarks>Not for ever: an owner gives it between two shards of its own, and nobody knows how long one takes it.</remarks>
    public bool IsPromised => _requested is not null && services.Time.GetElapsedTime(_requestedAt) < Patience;

    /// <summary>Expects no shard any more.</summary>
    public void Forget() => _requested = null;

    /// <summary>Looks at once: a round does not get on.</summary>
    public void Urge()
    {
        if (_urgent.CurrentCount == 0)
        {
            _urgent.Release();
        }
    }

    /// <summary>Takes or asks for shards until cancelled.</summary>
    /// <param name="owned">The shards of this trainer.</param>
    /// <param name="round">Gives the round that is being worked on.</param>
    /// <param name="claiming">Held while shards are claimed: a trainer must not claim one twice.</param>
    /// <param name="claimed">What becomes of a shard that was taken.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(OwnedShards owned, Func<int> round, SemaphoreSlim claiming, Func<ShardClaim, CancellationToken, Task> claimed, CancellationToken stop)
    {
        while (true)
        {
            if (await _urgent.WaitAsync(_requested is null ? Looking(owned.Count) : RequestPause, stop))
            {
                _lookedAt = null;
            }

            await claiming.WaitAsync(stop);
            try
            {
                while (owned.Count < job.Plan.Shards.Count && await TryTakeAsync(owned.Contains, Math.Max(0, round()), stop) is { } claim)
                {
                    await claimed(claim, stop);
                }
            }
            catch (RequestFailedException e)
            {
                TrainerLog.BalancingFailed(services.Logger, e, job.Id);
            }
            finally
            {
                claiming.Release();
            }
        }
    }

    /// <summary>Takes one shard that is free, or asks for one that another trainer can spare.</summary>
    /// <param name="mine">Whether a shard is this trainer's already.</param>
    /// <param name="round">The round it would work on.</param>
    /// <param name="cancellation">Stops looking.</param>
    /// <returns>The claim, or null: a shard that was asked for is found free by one of the next calls.</returns>
    public async Task<ShardClaim?> TryTakeAsync(Func<int, bool> mine, int round, CancellationToken cancellation)
    {
        if (_requested is { } requested)
        {
            if (!mine(requested) && await ClaimAsync(requested, round) is { } granted)
            {
                _requested = null;
                return granted;
            }

            var record = await services.Ownership.ReadAsync(job.Id, requested, cancellation);
            if (record?.RequestedBy != services.TrainerId)
            {
                _requested = null;
            }
            else if (_lookedAt is { } looked && services.Time.GetElapsedTime(looked) < Looking(job.Plan.Shards.Select(shard => shard.Index).Count(mine)))
            {
                return null;
            }
        }

        var owners = await ReadOwnersAsync(mine, cancellation);
        _lookedAt = services.Time.GetTimestamp();
        var now = services.Time.GetUtcNow();
        foreach (var (shard, record) in owners)
        {
            if ((record is null || record.IsFreeFor(services.TrainerId, now))
                && await ClaimAsync(shard, round) is { } claim)
            {
                return claim;
            }
        }

        var enough = job.Plan.Shards.Count - owners.Count + 2;
        if (_requested is { } pending)
        {
            // Whoever was asked may have given to others what it could spare; its last shard it keeps.
            var asked = owners.Find(owner => owner.Shard == pending).Record?.Trainer;
            if (owners.Count(owner => owner.Record?.Trainer == asked) >= enough || !await WithdrawAsync(cancellation))
            {
                return null;
            }
        }

        await RequestAsync(owners, enough, cancellation);
        return null;
    }

    /// <summary>Takes back what another trainer was asked for, where there is something: this one has other work now, or ends.</summary>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>False when there is nothing to take back (any more): the shard may have been handed over just now.</returns>
    public async Task<bool> WithdrawAsync(CancellationToken cancellation)
    {
        if (_requested is not { } requested || !await services.Ownership.WithdrawAsync(job.Id, requested, services.TrainerId, cancellation))
        {
            return false;
        }

        TrainerLog.Withdrawn(services.Logger, job.Id, requested);
        _requested = null;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _urgent.Dispose();

    private TimeSpan Looking(int count) =>
        TimeSpan.FromTicks(Math.Clamp(PerShard.Ticks * (job.Plan.Shards.Count - count), Shortest.Ticks, Longest.Ticks));

    // Not to be cancelled half-way: a claim that nobody knows of would have to expire.
    private Task<ShardClaim?> ClaimAsync(int shard, int round) =>
        services.Ownership.TryClaimAsync(job.Id, shard, services.TrainerId, round, CancellationToken.None);

    // What others have asked for is as good as gone.
    private async Task RequestAsync(List<(int Shard, OwnerRecord? Record)> owners, int enough, CancellationToken cancellation)
    {
        var most = owners.Where(owner => owner.Record is { Trainer: not null, RequestedBy: null }).GroupBy(owner => owner.Record!.Trainer!).MaxBy(group => group.Count());
        if (most is null || most.Count() < enough)
        {
            return;
        }

        // The last ones first: they are the ones that their owner trains last.
        foreach (var (shard, _) in most.OrderByDescending(owner => owner.Shard))
        {
            if (await services.Ownership.RequestAsync(job.Id, shard, services.TrainerId, cancellation))
            {
                TrainerLog.Requested(services.Logger, job.Id, most.Key, shard);
                (_requested, _requestedAt) = (shard, services.Time.GetTimestamp());
                return;
            }
        }
    }

    private async Task<List<(int Shard, OwnerRecord? Record)>> ReadOwnersAsync(Func<int, bool> mine, CancellationToken cancellation)
    {
        var foreign = job.Plan.Shards.Select(shard => shard.Index).Where(shard => !mine(shard)).ToArray();
        var records = new OwnerRecord?[foreign.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, foreign.Length, options, async (i, stop) => records[i] = await services.Ownership.ReadAsync(job.Id, foreign[i], stop));
        return [.. foreign.Zip(records)];
    }
}
