using Azure.Storage.Blobs;
using Serverless.Core.Storage;

namespace Serverless.Core.Rounds;

/// <summary>
/// Who works on which shard. It only saves work: two trainers on one shard write the same bytes and waste nothing but time. An owner blob carries an epoch and an
/// expiry that its trainer keeps renewing; whoever finds it expired takes the shard with a higher epoch. All changes are compare-and-swap.
/// </summary>
public sealed class ShardOwnership(ServerlessStorage storage, TimeProvider time, OwnershipOptions options)
{
    // Besides its owner only those change an owner blob who ask for the shard, now and then.
    private const int SwapAttempts = 10;

    private readonly BlobContainerClient _container = storage.Jobs;

    /// <summary>How soon a dead trainer is noticed.</summary>
    public OwnershipOptions Options { get; } = options;

    /// <summary>Takes a shard that is free: never owned, given back, handed to this trainer, or with an owner that has not renewed its claim.</summary>
    /// <param name="job">The job.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="trainer">Who takes it.</param>
    /// <param name="round">The round it is about to work on.</param>
    /// <param name="cancellation">Stops trying.</param>
    /// <returns>Null when the shard is not free, or another trainer was faster.</returns>
    public async Task<ShardClaim?> TryClaimAsync(string job, int shard, string trainer, int round, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(trainer);
        var path = JobBlobs.Owner(job, shard);
        var blob = await _container.TryReadAsync(path, cancellation);
        var before = blob is null ? null : OwnerRecord.Parse(blob.Content.ToMemory().Span);
        var now = time.GetUtcNow();
        if (before is not null && !before.IsFreeFor(trainer, now))
        {
            return null;
        }

        var record = new OwnerRecord
        {
            Epoch = (before?.Epoch ?? 0) + 1,
            Trainer = trainer,
            Expires = now + Options.Lease,
            Round = Math.Max(round, before?.Round ?? 0),
            Attempts = before is not null && round <= before.Round ? before.Attempts + 1 : 1,
        };
        var tag = blob is null
            ? await _container.TryCreateTaggedAsync(path, record.ToJson(), cancellation)
            : await _container.TryReplaceAsync(path, record.ToJson(), blob.Details.ETag, cancellation);
        return tag is { } mine ? new ShardClaim(job, shard, record, mine) : null;
    }

    /// <summary>Says that the owner is alive, and which round it works on.</summary>
    public async Task<RenewResult> RenewAsync(ShardClaim claim, int round, CancellationToken cancellation = default)
    {
        var kept = await ChangeAsync(
            claim,
            record => record with
            {
                Expires = time.GetUtcNow() + Options.Lease,
                Round = Math.Max(round, record.Round),
                Attempts = round <= record.Round ? record.Attempts : 1,
            },
            cancellation);
        return !kept ? new RenewResult(RenewOutcome.Lost)
            : claim.Record.RequestedBy is { } other ? new RenewResult(RenewOutcome.HandOverRequested, other)
            : new RenewResult(RenewOutcome.Kept);
    }

    /// <summary>Gives a shard back, so that anybody may take it at once; false when it was lost before.</summary>
    public Task<bool> ReleaseAsync(ShardClaim claim, CancellationToken cancellation = default) => ChangeAsync(
        claim,
        record => record with { Trainer = null, Expires = time.GetUtcNow(), Attempts = Math.Max(0, record.Attempts - 1), RequestedBy = null },
        cancellation);

    /// <summary>Gives a shard to another trainer that asks for it and finds it when it next looks. If it has died meanwhile, the shard is free when the lease is over.</summary>
    public async Task<HandOverOutcome> HandOverAsync(ShardClaim claim, string to, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(to);
        var withdrawn = false;
        var changed = await ChangeAsync(
            claim,
            record =>
            {
                withdrawn = record.RequestedBy != to;
                return withdrawn ? null : record with
                {
                    Epoch = record.Epoch + 1,
                    Trainer = to,
                    Expires = time.GetUtcNow() + Options.Lease,
                    Attempts = Math.Max(0, record.Attempts - 1),
                    RequestedBy = null,
                };
            },
            cancellation);
        return changed ? HandOverOutcome.Done : withdrawn ? HandOverOutcome.Withdrawn : HandOverOutcome.Lost;
    }

    /// <summary>Asks the owner of a shard to hand it over after its present round. A trainer asks when it has fewer shards than another.</summary>
    /// <returns>False when there is no living owner to ask, or another trainer has asked before.</returns>
    public Task<bool> RequestAsync(string job, int shard, string trainer, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(trainer);
        return ChangeAsync(
            job,
            shard,
            record => record.RequestedBy == trainer ? record
                : record.IsFreeFor(trainer, time.GetUtcNow()) || record.RequestedBy is not null ? null
                : record with { RequestedBy = trainer },
            cancellation);
    }

    /// <summary>Takes a request back: nobody is to hand over a shard that its asker does not want any more.</summary>
    /// <returns>False when there is no such request (any more): the shard may have been handed over.</returns>
    public Task<bool> WithdrawAsync(string job, int shard, string trainer, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(trainer);
        return ChangeAsync(job, shard, record => record.RequestedBy == trainer ? record with { RequestedBy = null } : null, cancellation);
    }

    /// <summary>Who works on a shard; null when nobody ever has.</summary>
    public async Task<OwnerRecord?> ReadAsync(string job, int shard, CancellationToken cancellation = default) =>
        await _container.TryReadAsync(JobBlobs.Owner(job, shard), cancellation) is { } blob ? OwnerRecord.Parse(blob.Content.ToMemory().Span) : null;

    // Changes somebody else's record; false where there is none, or the change gives null.
    private async Task<bool> ChangeAsync(string job, int shard, Func<OwnerRecord, OwnerRecord?> change, CancellationToken cancellation)
    {
        var path = JobBlobs.Owner(job, shard);
        for (var attempt = 0; attempt < SwapAttempts; attempt++)
        {
            if (await _container.TryReadAsync(path, cancellation) is not { } blob)
            {
                return false;
            }

            var before = OwnerRecord.Parse(blob.Content.ToMemory().Span);
            if (change(before) is not { } after)
            {
                return false;
            }

            if (after == before || await _container.TryReplaceAsync(path, after.ToJson(), blob.Details.ETag, cancellation) is not null)
            {
                return true;
            }
        }

        return false;
    }

    // Changes a claim; false where it was lost, or the change gives null.
    private async Task<bool> ChangeAsync(ShardClaim claim, Func<OwnerRecord, OwnerRecord?> change, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var path = JobBlobs.Owner(claim.Job, claim.Shard);
        await claim.Gate.WaitAsync(cancellation);
        try
        {
            for (var attempt = 0; attempt < SwapAttempts; attempt++)
            {
                if (change(claim.Record) is not { } record)
                {
                    return false;
                }

                if (await _container.TryReplaceAsync(path, record.ToJson(), claim.Tag, cancellation) is { } tag)
                {
                    (claim.Record, claim.Tag) = (record, tag);
                    return true;
                }

                // Somebody asked for the shard, or took it. The answer to an earlier try of ours may have got lost, too.
                if (await _container.TryReadAsync(path, cancellation) is not { } blob)
                {
                    return false;
                }

                var now = OwnerRecord.Parse(blob.Content.ToMemory().Span);
                if (now.Epoch != claim.Record.Epoch || now.Trainer != claim.Record.Trainer)
                {
                    return now.Epoch == record.Epoch && now.Trainer == record.Trainer;
                }

                (claim.Record, claim.Tag) = (now, blob.Details.ETag);
            }

            return false;
        }
        finally
        {
            claim.Gate.Release();
        }
    }
}
