using Serverless.Core.Rounds;

namespace Serverless.Trainer.Shards;

/// <summary>Sees to it that a shard's optimizer remembers what it should before a round, whoever has trained the shard before.</summary>
internal sealed class ShardStates(TrainerServices services, JobSession session)
{
    private readonly string _job = session.Job.Id;
    private Checkpoint? _earlier;
    private Contribution? _unused;

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

        if (round == 0)
        {
            state.Step = 0;
            foreach (var values in state.Tensors.Values)
            {
                Array.Clear(values);
            }
        }
        else if (!await services.Rounds.TryReadShardStateAsync(_job, round - 1, shard.Index, state, cancellation))
        {
            await ComputeAgainAsync(shard, round - 1, cancellation);
        }

        shard.StateRound = round - 1;
    }

    // Storage that came back from a crash may have lost its newest blobs. A round is a pure function: training it once more gives the state that is missing.
    private async Task ComputeAgainAsync(OwnedShard shard, int round, CancellationToken cancellation)
    {
        TrainerLog.StateLost(services.Logger, _job, shard.Index, round);
        await EnsureAsync(shard, round, cancellation);
        _earlier ??= new Checkpoint(session.Job.Layout);
        _unused ??= new Contribution(session.Job.Layout);
        if (!await services.Rounds.TryReadCheckpointAsync(_job, round, _earlier, cancellation: cancellation))
        {
            throw new OutOfStepException($"neither the state of shard {shard.Index} after round {round} nor checkpoint {round} is in storage");
        }

        shard.StateRound = null;
        await session.TrainAsync(_earlier, shard, _unused, cancellation);
        await services.Rounds.WriteShardStateAsync(_job, round, shard.Index, shard.State!, cancellation);
    }
}
