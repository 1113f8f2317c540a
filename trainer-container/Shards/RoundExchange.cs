using Serverless.Core.Jobs;
using Serverless.Core.Rounds;

namespace Serverless.Trainer.Shards;

/// <summary>
/// Takes a trainer from one checkpoint to the next. Its own contributions stay in memory while they are written; those of others are read as soon as they appear. A
/// trainer that then has all of them reduces the round itself and goes on at once, while one of them (the owner of shard <c>round mod shards</c>) makes the
/// checkpoint known to the rest, where it is due (<see cref="JobPlan.CheckpointEvery"/>). A trainer that would have to read many waits for that checkpoint instead.
/// </summary>
/// <remarks>
/// What a round costs. The least that trainers without a line to each other can do is one write and, once the slowest has written, one read: two round trips. A trainer that
/// reduces itself does just that: one write for each of its shards, at the same time, and one read for each shard of the others, at the same time, plus the questions asked in
/// vain before (<see cref="RoundWaiter"/>), of which there are none until its own are written: storage is no faster for others. The checkpoint and the metrics are written while the next round trains; they only count when storage is the bottleneck.
/// A trainer that waits for the checkpoint needs two round trips more: the designated trainer's reading and its writing. One that has all shards waits for nothing.
/// </remarks>
/// <param name="services">Storage, reducer, clock.</param>
/// <param name="session">The job.</param>
/// <param name="owned">The shards of this trainer.</param>
internal sealed class RoundExchange(TrainerServices services, JobSession session, OwnedShards owned)
{
    // Below this, one request for each of the missing contributions is no more than a listing and the reading after it.
    private const int FewMissing = 2;

    private static readonly TimeSpan LookAroundEvery = TimeSpan.FromSeconds(1);

    private readonly TrainingJob _job = session.Job;
    private readonly RoundMemory _memory = session.Memory;
    private readonly ContributionPool _pool = new(session.Job);
    private readonly RoundWaiter _waiter = new(services.Time);
    private readonly SortedDictionary<int, ContributionEntry> _entries = [];
    private readonly Dictionary<int, Contribution> _contents = [];
    private readonly Dictionary<int, OwnContribution> _own = [];
    private readonly HashSet<int> _inStorage = [];
    private Task _publication = Task.CompletedTask;
    private long _lookedAround;
    private int _lookedAt;
    private bool _behind;
    private bool _waiting;
    private bool _hinted;

    /// <summary>The round that is being worked on: that of the checkpoint in memory.</summary>
    public int Round => _memory.Checkpoint.Round;

    /// <summary>How long the last wait for a checkpoint took.</summary>
    public TimeSpan LastWait { get; private set; }

    /// <summary>Whether a round takes so long that somebody may have died.</summary>
    public bool IsOverdue => _waiting && _waiter.IsOverdue;

    /// <summary>Whether the round is to be looked at before training: all contributions of the round before were in storage, so those of this one may be, too.</summary>
    public bool IsBehind => _behind && _lookedAt != Round;

    /// <summary>Whether a shard's contribution to this round is here, or known to be in storage.</summary>
    public bool Has(int shard) => _contents.ContainsKey(shard) || _inStorage.Contains(shard);

    /// <summary>Looks which contributions this round has already: after joining, or after taking a shard that somebody else had.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        var listed = await services.Rounds.ListContributionsAsync(_job.Id, Round, cancellation);
        _inStorage.UnionWith(listed.Select(entry => entry.Shard));
        _lookedAt = Round;
        _behind = listed.Count == _job.Plan.Shards.Count;
    }

    /// <summary>Memory for a contribution, to be given to <see cref="Add"/>.</summary>
    public Contribution Rent() => _pool.Rent();

    /// <summary>Gives back the memory of a contribution that was abandoned.</summary>
    public void Return(Contribution contribution) => _pool.Return(contribution);

    /// <summary>Adds a contribution of this trainer and begins to write it, after what has to be there before.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="contribution">The contribution; belongs to the exchange from now on.</param>
    /// <param name="compute">How long it took.</param>
    /// <param name="evaluation">How the shard's slice of the test split did at this round's checkpoint, if that is due.</param>
    public void Add(OwnedShard shard, Contribution contribution, TimeSpan compute, ShardEvaluation? evaluation)
    {
        var now = services.Time.GetUtcNow();
        var own = new OwnContribution(shard, contribution, new BlobFacts(services.TrainerId, compute, LastWait, now), evaluation);
        Upload(own);
        _own.Add(shard.Index, own);
        _contents.Add(shard.Index, contribution);
        _entries.Add(shard.Index, ContributionEntry.Of(shard.Index, contribution, own.Facts, now));
    }

    /// <summary>Tries to move the memory on to the next checkpoint (or, after falling behind, to a later one).</summary>
    /// <returns>Whether it has moved.</returns>
    /// <exception cref="DivergedException">The outcome is not finite; the job has been marked as failed.</exception>
    /// <exception cref="OutOfStepException">Storage has something else than this trainer.</exception>
    public async Task<bool> TryMoveOnAsync(CancellationToken cancellation)
    {
        if (!_waiting)
        {
            if (_contents.Count < _job.Plan.Shards.Count)
            {
                await Task.WhenAll(Uploads);
            }

            _waiter.Begin();
            _waiting = true;
        }

        var moved = _job.Spec.Aggregation == Aggregation.Function
            ? await TryFunctionAsync(cancellation)
            : await TryTrainersAsync(cancellation);
        if (!moved && IsOverdue && services.Time.GetElapsedTime(_lookedAround) >= LookAroundEvery)
        {
            _lookedAround = services.Time.GetTimestamp();
            moved = await TryLookAroundAsync(cancellation);
        }

        if (moved)
        {
            _waiter.Arrived();
            LastWait = _waiter.Elapsed;
            _waiting = false;
            _hinted = false;
        }

        return moved;
    }

    /// <summary>Stays quiet until it makes sense to try again, or there is a new shard to train.</summary>
    public async Task PauseAsync(CancellationToken cancellation) =>
        await Task.WhenAny(owned.Added, Task.Delay(_waiter.NextDelay(), services.Time, cancellation));

    /// <summary>Waits until everything this trainer has to write is written.</summary>
    public async Task SettleAsync()
    {
        await Task.WhenAll(Settled);
        await _publication;
    }

    /// <summary>Forgets this round, and what it made of it, after falling out of step.</summary>
    public async Task ResetAsync()
    {
        await Task.WhenAll(Settled.Append(_publication)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _publication = Task.CompletedTask;
        Clear(Task.CompletedTask);
        (_waiting, _hinted) = (false, false);
    }

    /// <summary>Makes sure that the checkpoint in memory, the last one, is in storage.</summary>
    public async Task EnsureStoredAsync(CancellationToken cancellation)
    {
        await _publication;
        while (await services.Rounds.LatestCheckpointAsync(_job.Id, cancellation) < Round)
        {
            if (_memory.Checkpoint.HasState)
            {
                await PublishAgainAsync(cancellation);
            }
            else
            {
                await Task.Delay(LookAroundEvery, services.Time, cancellation);
            }
        }
    }

    private bool IsDesignated => owned.Contains(Round % _job.Plan.Shards.Count);

    // The contributions themselves; and with what is written after them.
    private IEnumerable<Task> Uploads => _own.Values.Select(own => own.Upload);

    private IEnumerable<Task> Settled => _own.Values.Select(own => own.Shard.Upload);

    // Where not every checkpoint is written, waiting for one would be waiting for long.
    private bool ReadsAll(int missing) => _job.Plan.CheckpointEvery > 1 || missing <= _own.Count + 1;

    private List<int> Missing() => [.. Enumerable.Range(0, _job.Plan.Shards.Count).Where(shard => !_contents.ContainsKey(shard))];

    private async Task<bool> TryTrainersAsync(CancellationToken cancellation)
    {
        var missing = Missing();
        if (ReadsAll(missing.Count))
        {
            await GatherAsync(missing, cancellation);
            return _entries.Count == _job.Plan.Shards.Count && await ReduceAsync(cancellation);
        }

        return IsDesignated ? await TryReduceFromStorageAsync(cancellation) : await TryReadNextAsync(cancellation);
    }

    private async Task<bool> TryFunctionAsync(CancellationToken cancellation)
    {
        if (!_hinted)
        {
            await Task.WhenAll(Uploads);
            _hinted = true;
            await HintIfCompleteAsync(await services.Rounds.ListContributionsAsync(_job.Id, Round, cancellation), cancellation);
        }

        return await TryReadNextAsync(cancellation);
    }

    private async Task GatherAsync(List<int> missing, CancellationToken cancellation)
    {
        IEnumerable<int> ask = missing;
        if (missing.Count > FewMissing && !missing.All(_inStorage.Contains))
        {
            var listed = await services.Rounds.ListContributionsAsync(_job.Id, Round, cancellation);
            ask = missing.Intersect(listed.Select(entry => entry.Shard));
        }

        await Task.WhenAll(ask.ToArray().Select(shard => TryReadAsync(shard, cancellation)));
    }

    private async Task TryReadAsync(int shard, CancellationToken cancellation)
    {
        var contribution = _pool.Rent();
        if (await services.Rounds.TryReadContributionAsync(_job.Id, Round, shard, contribution, cancellation) is not { } entry)
        {
            _pool.Return(contribution);
            return;
        }

        lock (_entries)
        {
            _entries.Add(shard, entry);
            _contents.Add(shard, contribution);
        }
    }

    private async Task<bool> ReduceAsync(CancellationToken cancellation)
    {
        await ReleaseCheckpointAsync();
        if (!_memory.Checkpoint.HasState && !await services.Rounds.TryReadCheckpointStateAsync(_job.Id, _memory.Checkpoint, cancellation))
        {
            throw new OutOfStepException($"checkpoint {Round} has gone from storage before its optimizer state was read");
        }

        var designated = IsDesignated;
        ContributionEntry[] entries = [.. _entries.Values];
        try
        {
            RoundReducer.ReduceInMemory(_job, _memory, entries, _contents);
        }
        catch (DivergedException e)
        {
            await services.Jobs.FailAsync(_job.Id, e.Message, cancellation);
            throw;
        }

        // Whoever dies now loses nothing that cannot be computed again from what is stored.
        var settled = Task.WhenAll(Settled);
        _publication = designated && _job.Plan.IsCheckpointDue(Round) ? services.Reducer.PublishAsync(_job, _memory, settled, cancellation: CancellationToken.None) : settled;
        Clear(Task.WhenAll(Uploads));
        return true;
    }

    private async Task<bool> TryReduceFromStorageAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(Uploads);
        await ReleaseCheckpointAsync();
        var own = _own.ToDictionary(entry => entry.Key, entry => entry.Value.Contribution);
        var result = await services.Reducer.ReduceAsync(_job, Round, _memory, own, cancellation);
        if (result.Outcome == ReduceOutcome.NoCheckpoint || Round < 0)
        {
            throw new OutOfStepException("the checkpoint of the round has gone from storage");
        }

        return result.Outcome != ReduceOutcome.NotReady && Moved();
    }

    private async Task<bool> TryReadNextAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(Uploads);
        await ReleaseCheckpointAsync();
        return await services.Rounds.TryReadCheckpointAsync(_job.Id, Round + 1, _memory.Checkpoint, cancellation: cancellation) && Moved();
    }

    // The round takes too long: others may be far ahead, storage may have come back from a crash without its newest blobs, or who should have reduced may be dead.
    private async Task<bool> TryLookAroundAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(Uploads);
        var latest = await services.Rounds.LatestCheckpointAsync(_job.Id, cancellation);
        if (latest > Round)
        {
            await ReleaseCheckpointAsync();
            return await services.Rounds.TryReadCheckpointAsync(_job.Id, latest, _memory.Checkpoint, withState: true, cancellation) && Moved();
        }

        if (latest < Round)
        {
            if (!_memory.Checkpoint.HasState)
            {
                // Nothing comes of this round without it, and what it takes to write it again is not here: the rounds before make it once more.
                throw new OutOfStepException($"checkpoint {Round} has gone from storage");
            }

            await ReleaseCheckpointAsync();
            await PublishAgainAsync(cancellation);
        }

        var listed = await services.Rounds.ListContributionsAsync(_job.Id, Round, cancellation);
        foreach (var own in _own.Values.Where(own => !listed.Any(entry => entry.Shard == own.Shard.Index)))
        {
            TrainerLog.ContributionLost(services.Logger, _job.Id, Round, own.Shard.Index);
            Upload(own);
        }

        _inStorage.RemoveWhere(shard => !listed.Any(entry => entry.Shard == shard));
        if (listed.Count < _job.Plan.Shards.Count)
        {
            return false;
        }

        if (_job.Spec.Aggregation == Aggregation.Function)
        {
            await HintIfCompleteAsync(listed, cancellation);
            return false;
        }

        return await TryReduceFromStorageAsync(cancellation);
    }

    // Whoever else made it has died, or storage has lost it.
    private Task<ReduceOutcome> PublishAgainAsync(CancellationToken cancellation) =>
        services.Reducer.PublishAsync(_job, _memory, Task.CompletedTask, since: 0, cancellation);

    private Task HintIfCompleteAsync(IReadOnlyList<ContributionEntry> listed, CancellationToken cancellation) =>
        listed.Count == _job.Plan.Shards.Count ? services.Hints.RoundAsync(_job.Id, Round, cancellation) : Task.CompletedTask;

    private bool Moved()
    {
        Clear(Task.CompletedTask);
        return true;
    }

    // The checkpoint's memory is being read as long as it is being written to storage.
    private async Task ReleaseCheckpointAsync()
    {
        await _publication;
        _publication = Task.CompletedTask;
    }

    private void Clear(Task uploads)
    {
        foreach (var (shard, contribution) in _contents)
        {
            if (_own.ContainsKey(shard) && !uploads.IsCompleted)
            {
                _ = uploads.ContinueWith(
                    (_, given) => _pool.Return((Contribution)given!), contribution, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
            else
            {
                _pool.Return(contribution);
            }
        }

        _contents.Clear();
        _entries.Clear();
        _own.Clear();
        _inStorage.Clear();
    }

    private void Upload(OwnContribution own) => own.Begin(services.Rounds, _job.Plan, Round, _pool);
}
