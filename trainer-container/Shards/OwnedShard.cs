using Serverless.Core.Datasets;
using Serverless.Core.Rounds;

namespace Serverless.Trainer.Shards;

/// <summary>A shard that this trainer works on. The claim's flags may be set from the heartbeat; everything else belongs to the run.</summary>
/// <param name="claim">The claim.</param>
/// <param name="sampler">The shard's data.</param>
/// <param name="state">Memory for what its optimizer remembers; null where it remembers nothing.</param>
internal sealed class OwnedShard(ShardClaim claim, ShardSampler sampler, ShardState? state) : IDisposable
{
    private volatile bool _lost;
    private volatile string? _requestedBy;

    /// <summary>Number of the shard.</summary>
    public int Index => Claim.Shard;

    /// <summary>The claim.</summary>
    public ShardClaim Claim { get; } = claim;

    /// <summary>The shard's data.</summary>
    public ShardSampler Sampler { get; } = sampler;

    /// <summary>What its optimizer remembers.</summary>
    public ShardState? State { get; } = state;

    /// <summary>The round after which <see cref="State"/> holds; -1 before the first, null when it has to be read.</summary>
    public int? StateRound { get; set; }

    /// <summary>Whether it is yet to be found out if its contribution to the present round exists already.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>The writing of its last contribution and of <see cref="Written"/>.</summary>
    public Task Upload { get; set; } = Task.CompletedTask;

    /// <summary>A copy of <see cref="State"/> that is being written while training goes on; null before the first.</summary>
    public ShardState? Written { get; private set; }

    /// <summary>Another trainer has it now.</summary>
    public bool Lost
    {
        get => _lost;
        set => _lost = value;
    }

    /// <summary>A trainer with fewer shards asks for it.</summary>
    public string? RequestedBy
    {
        get => _requestedBy;
        set => _requestedBy = value;
    }

    /// <summary>Copies the state for writing it. Waits until the copy before is written.</summary>
    /// <param name="make">Makes memory for it.</param>
    public async Task CopyStateAsync(Func<ShardState?> make)
    {
        await Upload;
        Written ??= make();
        State!.CopyTo(Written!);
    }

    /// <inheritdoc/>
    public void Dispose() => Sampler.Dispose();
}
