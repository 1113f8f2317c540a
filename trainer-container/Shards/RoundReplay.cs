using Serverless.Core.Datasets;
using Serverless.Core.Rounds;

namespace Serverless.Trainer.Shards;

/// <summary>
/// Computes rounds once more to find out what a shard's optimizer remembers after them: the state is written as seldom as checkpoints are, its trainer may have died, and
/// storage that came back from a crash may have lost its newest blobs. A round is a pure function, so the outcome is the same to the last bit.
/// </summary>
internal sealed class RoundReplay(TrainerServices services, JobSession session) : IDisposable
{
    private readonly string _job = session.Job.Id;
    private readonly RoundMemory _memory = new(session.Job);
    private readonly ContributionPool _pool = new(session.Job);
    private readonly Dictionary<int, ShardSampler> _samplers = [];

    /// <summary>Brings a shard's state to what it is before a round.</summary>
    /// <param name="shard">The shard; its state is overwritten.</param>
    /// <param name="round">The round, at least 1.</param>
    /// <param name="cancellation">Abandons it.</param>
    /// <exception cref="OutOfStepException">Storage does not have what it takes.</exception>
    public async Task RunAsync(OwnedShard shard, int round, CancellationToken cancellation)
    {
        var checkpoints = await services.Rounds.ListCheckpointsAsync(_job, cancellation);
        foreach (var start in checkpoints.Where(checkpoint => checkpoint < round).OrderDescending())
        {
            if (!await TryReadStateAsync(start, shard.Index, shard.State!, cancellation)
                || !await services.Rounds.TryReadCheckpointAsync(_job, start, _memory.Checkpoint, withState: true, cancellation))
            {
                continue;
            }

            TrainerLog.Replaying(services.Logger, _job, shard.Index, round, start);
            if (await TryGoAsync(shard, round, checkpoints, cancellation) || await TryGoWithAllAsync(shard, start, round, cancellation))
            {
                return;
            }
        }

        throw new OutOfStepException($"the state of shard {shard.Index} before round {round} is not in storage, nor is what it could be computed from");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var sampler in _samplers.Values)
        {
            sampler.Dispose();
        }
    }

    // Trains the one shard; the others' contributions are read, or the checkpoint that they led to. False when some have gone.
    private async Task<bool> TryGoAsync(OwnedShard shard, int round, IReadOnlySet<int> checkpoints, CancellationToken cancellation)
    {
        var checkpoint = _memory.Checkpoint;
        while (true)
        {
            var unused = await TrainAsync(shard.Sampler, shard.State!, cancellation);
            _pool.Return(unused);
            var next = checkpoint.Round + 1;
            if (next == round)
            {
                return true;
            }

            if (checkpoints.Contains(next) && await services.Rounds.TryReadCheckpointAsync(_job, next, checkpoint, withState: true, cancellation))
            {
                continue;
            }

            await services.Reducer.ReduceAsync(session.Job, next - 1, _memory, cancellation: cancellation);
            await _memory.SettleAsync();
            if (checkpoint.Round != next)
            {
                TrainerLog.ContributionsLost(services.Logger, _job, next - 1);
                return false;
            }
        }
    }

    // Trains all shards, from where the state of all is known.
    private async Task<bool> TryGoWithAllAsync(OwnedShard shard, int start, int round, CancellationToken cancellation)
    {
        var plan = session.Job.Plan;
        if (plan.CheckpointEvery == 1 || !await services.Rounds.TryReadCheckpointAsync(_job, start, _memory.Checkpoint, withState: true, cancellation))
        {
            return false;
        }

        var states = new Dictionary<int, ShardState>();
        foreach (var other in plan.Shards)
        {
            var state = states[other.Index] = other.Index == shard.Index ? shard.State! : session.NewState()!;
            if (!await TryReadStateAsync(start, other.Index, state, cancellation))
            {
                return false;
            }
        }

        for (var at = start; at < round; at++)
        {
            var contributions = new Dictionary<int, Contribution>();
            foreach (var (index, state) in states)
            {
                contributions[index] = await TrainAsync(index == shard.Index ? shard.Sampler : SamplerOf(index), state, cancellation);
            }

            if (at + 1 < round)
            {
                var facts = new BlobFacts(services.TrainerId);
                RoundReducer.ReduceInMemory(
                    session.Job,
                    _memory,
                    [.. contributions.OrderBy(entry => entry.Key).Select(entry => ContributionEntry.Of(entry.Key, entry.Value, facts, services.Time.GetUtcNow()))],
                    contributions);
            }

            foreach (var contribution in contributions.Values)
            {
                _pool.Return(contribution);
            }
        }

        return true;
    }

    private async Task<Contribution> TrainAsync(ShardSampler sampler, ShardState state, CancellationToken cancellation)
    {
        var contribution = _pool.Rent();
        try
        {
            await session.TrainAsync(_memory.Checkpoint, sampler, state, contribution, cancellation);
            return contribution;
        }
        catch
        {
            _pool.Return(contribution);
            throw;
        }
    }

    private async Task<bool> TryReadStateAsync(int checkpoint, int shard, ShardState state, CancellationToken cancellation)
    {
        if (checkpoint > 0)
        {
            return await services.Rounds.TryReadShardStateAsync(_job, checkpoint - 1, shard, state, cancellation);
        }

        state.Clear();
        return true;
    }

    private ShardSampler SamplerOf(int shard) =>
        _samplers.TryGetValue(shard, out var sampler) ? sampler : _samplers[shard] = session.NewSampler(shard);
}
