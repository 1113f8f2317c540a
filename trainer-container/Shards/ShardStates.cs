namespace Serverless.Trainer.Shards;

/// <summary>Sees to it that a shard's optimizer remembers what it should before a round, whoever has trained the shard before.</summary>
internal sealed class ShardStates(TrainerServices services, JobSession session) : IDisposable
{
    private readonly string _job = session.Job.Id;
    private RoundReplay? _replay;

    /// <summary>Brings a shard's state to what it is after the round before.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="round">The round it is about to train.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OutOfStepException">Neither the state nor what it takes to compute it again is in storage.</exception>
    public async Task EnsureAsync(OwnedShard shard, int round, CancellationToken cancellation)
    {
        if (shard.State is not { } state || shard.StateRound == round - 1)
        {
            return;
        }

        shard.StateRound = null;
        if (round == 0)
        {
            state.Clear();
        }
        else if (!await services.Rounds.TryReadShardStateAsync(_job, round - 1, shard.Index, state, cancellation))
        {
            _replay ??= new RoundReplay(services, session);
            await _replay.RunAsync(shard, round, cancellation);
        }

        shard.StateRound = round - 1;
    }

    /// <summary>Writes a shard's state for whoever takes the shard over, wherever it is not written anyway.</summary>
    public async Task StoreAsync(OwnedShard shard)
    {
        if (shard is { State: { } state, StateRound: >= 0 and { } round } && !session.Job.Plan.IsCheckpointDue(round + 1))
        {
            await services.Rounds.WriteShardStateAsync(_job, round, shard.Index, state);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _replay?.Dispose();
}
