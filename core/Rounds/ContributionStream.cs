using Serverless.Core.Jobs;

namespace Serverless.Core.Rounds;

/// <summary>Adds up the contributions of a round in the order of their shards, while a few of the next ones are on their way.</summary>
internal sealed class ContributionStream(RoundStore? rounds, TrainingJob job, int round, RoundMemory memory, IReadOnlyDictionary<int, Contribution>? own)
{
    private readonly Queue<(Contribution Contribution, Task Read)> _onTheirWay = new();
    private int _asked;

    /// <summary>Leaves the mean in the memory.</summary>
    /// <param name="entries">All contributions of the round, in the order of shards.</param>
    /// <param name="cancellation">Stops the downloads.</param>
    /// <exception cref="DivergedException">One of them is not finite.</exception>
    /// <exception cref="InvalidDataException">One of them does not fit the job, or none has a sample.</exception>
    public async Task AddAllAsync(IReadOnlyList<ContributionEntry> entries, CancellationToken cancellation)
    {
        var samples = Begin(entries);
        try
        {
            foreach (var entry in entries)
            {
                Ask(entries, cancellation);
                var mine = own?.GetValueOrDefault(entry.Shard);
                var contribution = mine ?? await NextAsync();
                Add(entry, contribution, samples);
                if (mine is null)
                {
                    memory.Return(contribution);
                }
            }
        }
        finally
        {
            await DrainAsync();
        }
    }

    /// <summary>Leaves the mean in the memory, when all contributions are this process's own or have been read already.</summary>
    /// <inheritdoc cref="AddAllAsync"/>
    public void AddAll(IReadOnlyList<ContributionEntry> entries)
    {
        var samples = Begin(entries);
        foreach (var entry in entries)
        {
            Add(entry, own![entry.Shard], samples);
        }
    }

    private long Begin(IReadOnlyList<ContributionEntry> entries)
    {
        var samples = entries.Sum(entry => entry.Samples);
        if (samples == 0)
        {
            throw new InvalidDataException($"The contributions of round {round} have 0 samples together; at least 1 is needed.");
        }

        memory.Mean.Begin();
        return samples;
    }

    private void Add(ContributionEntry entry, Contribution contribution, long samples)
    {
        if (contribution.Samples != entry.Samples)
        {
            throw new InvalidDataException($"The contribution of shard {entry.Shard} to round {round} has {contribution.Samples} samples, but its blob's metadata says {entry.Samples}.");
        }

        var weight = (float)((double)entry.Samples / samples);
        if (!double.IsFinite(contribution.LossSum) || !memory.Mean.TryAdd(contribution, weight))
        {
            throw new DivergedException(round, entry.Shard, contribution.LossSum / Math.Max(1, contribution.Samples));
        }
    }

    // Asks for the next ones that are not here, as many as may be on their way.
    private void Ask(IReadOnlyList<ContributionEntry> entries, CancellationToken cancellation)
    {
        for (; _asked < entries.Count && _onTheirWay.Count < memory.Downloads; _asked++)
        {
            var shard = entries[_asked].Shard;
            if (own is null || !own.ContainsKey(shard))
            {
                var contribution = memory.Rent();
                _onTheirWay.Enqueue((contribution, ReadAsync(shard, contribution, cancellation)));
            }
        }
    }

    private async Task ReadAsync(int shard, Contribution into, CancellationToken cancellation)
    {
        if (await rounds!.TryReadContributionAsync(job.Id, round, shard, into, cancellation) is null)
        {
            throw new ContributionGoneException(job.Id, round, shard);
        }
    }

    private async Task<Contribution> NextAsync()
    {
        var (contribution, read) = _onTheirWay.Peek();
        await read;
        _onTheirWay.Dequeue();
        return contribution;
    }

    private async Task DrainAsync()
    {
        while (_onTheirWay.TryDequeue(out var download))
        {
            await download.Read.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            memory.Return(download.Contribution);
        }
    }
}
