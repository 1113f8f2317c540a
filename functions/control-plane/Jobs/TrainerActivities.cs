using Serverless.Core.Rounds;

namespace Serverless.ControlPlane.Jobs;

/// <summary>Finds out who works on a job.</summary>
public sealed class TrainerActivities(ShardOwnership ownership, TimeProvider time)
{
    private const int AtOnce = 16;

    /// <summary>The trainers that own shards of a job, in the order of their ids.</summary>
    /// <param name="job">The job.</param>
    /// <param name="shards">How many shards it has.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<IReadOnlyList<TrainerActivity>> ReadAsync(string job, int shards, CancellationToken cancellation)
    {
        var owners = new OwnerRecord?[shards];
        await Parallel.ForAsync(
            0,
            shards,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (shard, stop) => owners[shard] = await ownership.ReadAsync(job, shard, stop));
        var now = time.GetUtcNow();
        return
        [
            .. owners.Select((owner, shard) => (Owner: owner, Shard: shard))
                .Where(owned => owned.Owner?.Trainer is not null)
                .GroupBy(owned => owned.Owner!.Trainer!, StringComparer.Ordinal)
                .OrderBy(trainer => trainer.Key, StringComparer.Ordinal)
                .Select(trainer => new TrainerActivity(
                    trainer.Key,
                    [.. trainer.Select(owned => owned.Shard)],
                    trainer.Max(owned => owned.Owner!.Round),
                    trainer.Any(owned => owned.Owner!.Expires > now))),
        ];
    }
}
