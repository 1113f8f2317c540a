using Azure;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;

namespace Serverless.Trainer.Shards;

/// <summary>
/// One trainer's work on one job, from its first claim to the last checkpoint: round after round it trains the shards it has, and while it waits for the others it
/// takes more.
/// </summary>
internal sealed class JobRun : IAsyncDisposable
{
    // Out of step this often in a row, something is wrong that beginning again does not mend.
    private const int MostRestarts = 10;

    private static readonly TimeSpan HintsEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan EvaluationPause = TimeSpan.FromMilliseconds(100);

    private readonly TrainerServices _services;
    private readonly JobSession _session;
    private readonly TrainingJob _job;
    private readonly OwnedShards _owned = new();
    private readonly RoundExchange _exchange;
    private readonly ShardStates _states;
    private readonly Balancer _balancer;
    private readonly SemaphoreSlim _claiming = new(1, 1);
    private long? _askedForHints;

    /// <summary>Prepares a run.</summary>
    /// <param name="services">What a trainer works with.</param>
    /// <param name="session">The job; belongs to the run from now on.</param>
    public JobRun(TrainerServices services, JobSession session)
    {
        (_services, _session, _job) = (services, session, session.Job);
        _exchange = new RoundExchange(services, session, _owned);
        _states = new ShardStates(services, session);
        _balancer = new Balancer(services, _job);
    }

    /// <summary>Works until the job is trained, has ended otherwise, or others have all shards.</summary>
    /// <param name="first">The claim to begin with.</param>
    /// <param name="leave">Told to stop: the run abandons the present step, finishes what it is writing, and gives its shards back.</param>
    /// <exception cref="OperationCanceledException">It was told to stop, and has given its shards back.</exception>
    public async Task<RunEnd> RunAsync(ShardClaim first, CancellationToken leave)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(leave);
        using var stopped = new CancellationTokenSource();
        var heartbeat = new Heartbeat(_services, _job.Id, _owned, () => _exchange.Round, ended);
        var background = Task.WhenAny(
            heartbeat.RunAsync(stopped.Token),
            _balancer.RunAsync(_owned, () => _exchange.Round, _claiming, TakeAsync, stopped.Token)).Unwrap();
        try
        {
            await TakeAsync(first, ended.Token);
            var rounds = RoundsAsync(ended.Token);
            if (await Task.WhenAny(rounds, background) == background)
            {
                // Without it claims would expire, or a dead trainer's shards stay where they are: what went wrong ends the run.
                await ended.CancelAsync();
                await ((Task)rounds).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await background;
            }

            return await rounds;
        }
        catch (OperationCanceledException) when (heartbeat.Ended is { } state)
        {
            TrainerLog.JobEnded(_services.Logger, _job.Id, state);
            return RunEnd.JobEnded;
        }
        catch (Exception e) when (e is DivergedException or InvalidDataException)
        {
            // It would come to the same wherever it is tried again.
            TrainerLog.JobFailed(_services.Logger, e, _job.Id);
            await _services.Jobs.FailAsync(_job.Id, e.Message, CancellationToken.None);
            return RunEnd.JobEnded;
        }
        finally
        {
            await stopped.CancelAsync();
            await background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (leave.IsCancellationRequested)
            {
                await LeaveAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _exchange.ResetAsync();
        foreach (var shard in _owned.ToArray())
        {
            shard.Dispose();
        }

        _states.Dispose();
        await _session.DisposeAsync();
        _balancer.Dispose();
        _claiming.Dispose();
    }

    private async Task<RunEnd> RoundsAsync(CancellationToken cancellation)
    {
        await SynchroniseAsync(cancellation);
        TrainerLog.RunBegins(_services.Logger, _job.Id, _exchange.Round, _job.Plan.Rounds);
        for (var restarts = 0; _exchange.Round < _job.Plan.Rounds;)
        {
            try
            {
                if (!await RoundAsync(cancellation))
                {
                    return RunEnd.NothingLeft;
                }

                restarts = 0;
            }
            catch (OutOfStepException e) when (restarts++ < MostRestarts)
            {
                TrainerLog.OutOfStep(_services.Logger, e, _job.Id);
                await SynchroniseAsync(cancellation);
            }
        }

        await FinishAsync(cancellation);
        TrainerLog.RunEnds(_services.Logger, _job.Id);
        return RunEnd.Trained;
    }

    // False when there is no shard left to work on.
    private async Task<bool> RoundAsync(CancellationToken cancellation)
    {
        var round = _exchange.Round;
        while (_exchange.Round == round)
        {
            await HandOverAsync(cancellation);
            await LookAtNewShardsAsync(cancellation);
            if (NextShard() is { } shard)
            {
                await TrainAsync(shard, cancellation);
                continue;
            }

            if (_owned.Count == 0)
            {
                await _exchange.SettleAsync();
                return false;
            }

            if (await _exchange.TryMoveOnAsync(cancellation) || await TryTakeHintAsync(cancellation))
            {
                continue;
            }

            if (_exchange.IsOverdue)
            {
                _balancer.Urge();
            }

            await _exchange.PauseAsync(cancellation);
        }

        return true;
    }

    // Whatever is missing in storage is made up here; whatever memory holds is forgotten.
    private async Task SynchroniseAsync(CancellationToken cancellation)
    {
        await _exchange.ResetAsync();
        _session.Forget();
        foreach (var shard in _owned.ToArray())
        {
            (shard.StateRound, shard.Upload) = (null, Task.CompletedTask);
        }

        var memory = _session.Memory.Checkpoint;
        while (true)
        {
            var latest = await _services.Rounds.LatestCheckpointAsync(_job.Id, cancellation);
            if (latest < 0)
            {
                await _services.Rounds.WriteInitialCheckpointAsync(_job, cancellation);
            }
            else if (await _services.Rounds.TryReadCheckpointAsync(_job.Id, latest, memory, withState: true, cancellation))
            {
                await LookAsync(_owned.ToArray(), cancellation);
                return;
            }
        }
    }

    // Whoever had a shard before may have contributed to this round already, and whoever trained while this trainer was not there, to the rounds after the checkpoint it found.
    private async Task LookAtNewShardsAsync(CancellationToken cancellation)
    {
        var shards = _owned.ToArray();
        if (_exchange.IsBehind || shards.Any(shard => shard.IsNew))
        {
            await LookAsync(shards, cancellation);
        }
    }

    private async Task LookAsync(OwnedShard[] shards, CancellationToken cancellation)
    {
        await _exchange.LookAsync(cancellation);
        foreach (var shard in shards)
        {
            shard.IsNew = false;
        }
    }

    private OwnedShard? NextShard()
    {
        foreach (var shard in _owned.ToArray())
        {
            if (shard.Lost)
            {
                Drop(shard);
            }
            else if (!_exchange.Has(shard.Index))
            {
                return shard;
            }
        }

        return null;
    }

    private async Task TrainAsync(OwnedShard shard, CancellationToken cancellation)
    {
        var checkpoint = _session.Memory.Checkpoint;
        await _states.EnsureAsync(shard, checkpoint.Round, cancellation);
        var evaluation = _job.Plan.IsEvaluationDue(checkpoint.Round) && _job.Plan.Shards[shard.Index].TestRows > 0
            ? await _session.EvaluateAsync(checkpoint, shard.Index, cancellation)
            : null;
        var contribution = _exchange.Rent();
        var began = _services.Time.GetTimestamp();
        try
        {
            // Until it is done the state is neither the old nor the new one.
            shard.StateRound = null;
            await _session.TrainAsync(checkpoint, shard.Sampler, shard.State, contribution, cancellation);
            shard.StateRound = checkpoint.Round;
            if (shard.State is not null && _job.Plan.IsCheckpointDue(checkpoint.Round + 1))
            {
                await shard.CopyStateAsync(_session.NewState);
            }
        }
        catch
        {
            _exchange.Return(contribution);
            throw;
        }

        var took = _services.Time.GetElapsedTime(began);
        TrainerLog.Trained(_services.Logger, _job.Id, checkpoint.Round, shard.Index, took.TotalMilliseconds);
        _exchange.Add(shard, contribution, took, evaluation);
    }

    private async Task HandOverAsync(CancellationToken cancellation)
    {
        foreach (var shard in _owned.ToArray())
        {
            // The last one stays: who asks has none, or fewer than this trainer had.
            if (shard.RequestedBy is not { } other || shard.Lost || _owned.Count == 1)
            {
                continue;
            }

            await shard.Upload;
            await _states.StoreAsync(shard);
            switch (await _services.Ownership.HandOverAsync(shard.Claim, other, cancellation))
            {
                case HandOverOutcome.Withdrawn:
                    shard.RequestedBy = null;
                    continue;

                case HandOverOutcome.Done:
                    TrainerLog.HandedOver(_services.Logger, _job.Id, shard.Index, other);
                    break;
            }

            Drop(shard);
        }
    }

    // A message of this job is a shard to train; one of another job is for somebody else.
    private async Task<bool> TryTakeHintAsync(CancellationToken cancellation)
    {
        if (_owned.Count == _job.Plan.Shards.Count || (_askedForHints is { } asked && _services.Time.GetElapsedTime(asked) < HintsEvery))
        {
            return false;
        }

        _askedForHints = _services.Time.GetTimestamp();
        if (!await _services.Queue.HasAsync(_job.Id, cancellation) || await _services.Queue.ReceiveAsync(cancellation) is not { } hint)
        {
            return false;
        }

        if (hint.Job != _job.Id)
        {
            // It stood before the one that was seen.
            await _services.Queue.PutBackAsync(hint, cancellation);
            return false;
        }

        // Where there was one there may be more.
        _askedForHints = null;
        await TryClaimAsync(hint.Shard, cancellation);
        await _services.Queue.SettleAsync(hint, CancellationToken.None);
        return true;
    }

    private async Task TryClaimAsync(int shard, CancellationToken cancellation)
    {
        await _claiming.WaitAsync(cancellation);
        try
        {
            // Not to be cancelled half-way: a claim that nobody knows of would have to expire.
            if (shard >= 0 && shard < _job.Plan.Shards.Count && !_owned.Contains(shard)
                && await _services.Ownership.TryClaimAsync(_job.Id, shard, _services.TrainerId, Math.Max(0, _exchange.Round), CancellationToken.None) is { } claim)
            {
                await TakeAsync(claim, cancellation);
            }
        }
        finally
        {
            _claiming.Release();
        }
    }

    private async Task TakeAsync(ShardClaim claim, CancellationToken cancellation)
    {
        TrainerLog.Claimed(_services.Logger, _job.Id, claim.Shard, claim.Record.Epoch);
        if (claim.Attempts > JobLimits.AttemptsPerRound)
        {
            await _services.Jobs.FailAsync(
                _job.Id,
                $"shard {claim.Shard} was begun {claim.Attempts} times in round {claim.Record.Round}, and none of its trainers came to the end; legal are {JobLimits.AttemptsPerRound} times",
                cancellation);
        }

        _owned.Add(_session.Open(claim));
    }

    private void Drop(OwnedShard shard)
    {
        _owned.Remove(shard);
        shard.Dispose();
    }

    // The last checkpoint is evaluated by whoever has the shards; who completes the evaluation says so.
    private async Task FinishAsync(CancellationToken cancellation)
    {
        await _exchange.EnsureStoredAsync(cancellation);
        var checkpoint = _session.Memory.Checkpoint;
        var evaluated = new HashSet<int>();
        var waited = false;
        while (true)
        {
            foreach (var shard in _owned.ToArray().Where(shard => !shard.Lost && evaluated.Add(shard.Index) && _job.Plan.Shards[shard.Index].TestRows > 0))
            {
                var evaluation = await _session.EvaluateAsync(checkpoint, shard.Index, cancellation);
                await _services.Rounds.WriteEvaluationAsync(_job.Id, checkpoint.Round, shard.Index, evaluation, new BlobFacts(_services.TrainerId), cancellation);
                waited = false;
            }

            var summary = _job.Plan.TestRows > 0 ? await _services.Rounds.ReadEvaluationsAsync(_job.Id, checkpoint.Round, cancellation) : null;
            if (summary is null || summary.Rows >= _job.Plan.TestRows)
            {
                if (!waited)
                {
                    await _services.Hints.PublicationAsync(_job.Id, cancellation);
                }

                return;
            }

            waited = true;
            _balancer.Urge();
            await Task.WhenAny(_owned.Added, Task.Delay(EvaluationPause, _services.Time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    // Others need not wait for the claims to expire.
    private async Task LeaveAsync()
    {
        TrainerLog.Stopping(_services.Logger, _services.TrainerId);
        await _exchange.SettleAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var shards = _owned.ToArray().Where(shard => !shard.Lost).ToArray();
        try
        {
            await Task.WhenAll(shards.Select(_states.StoreAsync));
            await Task.WhenAll(shards.Select(shard => _services.Ownership.ReleaseAsync(shard.Claim)));
            await _services.Hints.ShardsAsync(_job.Id, shards.Select(shard => shard.Index));
        }
        catch (RequestFailedException e)
        {
            // The claims expire.
            TrainerLog.HeartbeatFailed(_services.Logger, e, _job.Id);
        }
    }
}
