using System.Globalization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Storage;
using Serverless.Core.Tensors;

namespace Serverless.Core.Rounds;

/// <summary>
/// Contributions, checkpoints, shard states and evaluations of jobs. All are written once: of several writers of the same blob one wins, and since each would have
/// written the same bytes it does not matter which.
/// </summary>
public sealed class RoundStore(ServerlessStorage storage)
{
    /// <summary>How many checkpoints before the last one stay when a job has ended.</summary>
    public const int EarlierCheckpointsKept = 2;

    private const string TrainableName = "trainable";
    private const string BuffersName = "buffers";
    private const string OutputsName = "outputs";

    // More than any header of ours has.
    private const int HeaderAllowance = 4096;

    private readonly BlobContainerClient _container = storage.Jobs;
    private readonly TensorBlobs _tensors = new(storage.Jobs);

    /// <summary>The contributions that a round has so far, in the order of shards. One request.</summary>
    public async Task<IReadOnlyList<ContributionEntry>> ListContributionsAsync(string job, int round, CancellationToken cancellation = default)
    {
        var entries = new List<ContributionEntry>();
        await foreach (var blob in _container.GetBlobsAsync(BlobTraits.Metadata, prefix: JobBlobs.Round(job, round), cancellationToken: cancellation))
        {
            if (JobBlobs.TryParseShard(blob.Name, out var shard))
            {
                entries.Add(BlobMetadata.ReadContribution(blob, shard));
            }
        }

        entries.Sort((a, b) => a.Shard.CompareTo(b.Shard));
        return entries;
    }

    /// <summary>Writes a contribution; false when the shard has one for this round already, which then holds.</summary>
    public Task<bool> WriteContributionAsync(string job, int round, int shard, Contribution contribution, BlobFacts facts, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(contribution);
        return _tensors.TryWriteAsync(
            JobBlobs.Contribution(job, round, shard),
            contribution.Packed is { } packed
                ? Regions(new SafetensorsTensor(TrainableName, TensorType.BFloat16, [contribution.Trainable.Length], packed), contribution.Buffers)
                : Regions(contribution.Trainable, contribution.Buffers),
            BlobMetadata.OfContribution(contribution),
            BlobMetadata.WithFacts(BlobMetadata.OfContribution(contribution), facts),
            cancellation);
    }

    /// <summary>Reads a contribution into memory of its job's layout; gives its entry as a listing would, or null when there is none.</summary>
    /// <exception cref="InvalidDataException">The blob does not fit the layout.</exception>
    public async Task<ContributionEntry?> TryReadContributionAsync(string job, int round, int shard, Contribution into, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(into);
        var details = await _tensors.TryReadAsync(
            JobBlobs.Contribution(job, round, shard),
            null,
            async (reader, _) =>
            {
                BlobMetadata.ReadContribution(reader.Header, into);
                await ReadContributionAsync(reader, into, cancellation);
                await reader.CompleteAsync(cancellation);
            },
            cancellation);
        return details is null ? null : ContributionEntry.Of(shard, into, BlobMetadata.FactsOf(details.Metadata), details.LastModified);
    }

    /// <summary>Writes checkpoint 0 of a job: the network's initialisation by the job's seed.</summary>
    public Task<bool> WriteInitialCheckpointAsync(TrainingJob job, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        var checkpoint = new Checkpoint(job.Layout);
        Initialisation.Fill(job.Network, job.Spec.Seed, checkpoint.Trainable, checkpoint.Buffers);
        checkpoint.Round = 0;
        return WriteCheckpointAsync(job.Id, checkpoint, cancellation);
    }

    /// <summary>Writes a checkpoint; false when it is there already, which then holds.</summary>
    public Task<bool> WriteCheckpointAsync(string job, Checkpoint checkpoint, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentOutOfRangeException.ThrowIfNegative(checkpoint.Round);
        var tensors = Regions(checkpoint.Trainable, checkpoint.Buffers);

        // The initialisation has no state: an optimizer begins with zeros.
        if (checkpoint.Round > 0)
        {
            tensors.AddRange(checkpoint.OptimizerState.Select(state => new SafetensorsTensor(state.Key, state.Value)));
        }

        var metadata = new Dictionary<string, string> { ["job"] = job, ["round"] = checkpoint.Round.ToString(CultureInfo.InvariantCulture) };
        return _tensors.TryWriteAsync(JobBlobs.Checkpoint(job, checkpoint.Round), tensors, metadata, null, cancellation);
    }

    /// <summary>Reads a checkpoint; false when there is none.</summary>
    /// <param name="job">The job.</param>
    /// <param name="round">The checkpoint.</param>
    /// <param name="into">Memory of the job's layout.</param>
    /// <param name="withState">
    /// Whether to read the optimizer's state too. Only who reduces needs it: without, it is not downloaded, and <see cref="TryReadCheckpointStateAsync"/> gets it later.
    /// </param>
    /// <param name="cancellation">Stops the download.</param>
    /// <exception cref="InvalidDataException">The blob does not fit the layout.</exception>
    public async Task<bool> TryReadCheckpointAsync(string job, int round, Checkpoint into, bool withState = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(into);
        var parameters = (into.Trainable.LongLength + into.Buffers.LongLength) * sizeof(float);
        var found = await _tensors.TryReadAsync(
            JobBlobs.Checkpoint(job, round),
            withState ? null : HeaderAllowance + parameters,
            async (reader, length) =>
            {
                // What is in the memory holds until something else is there.
                into.Invalidate();
                await ReadRegionsAsync(reader, into.Trainable, into.Buffers, cancellation);
                into.StateOffset = length - reader.Header.DataBytes + parameters;
                if (round == 0)
                {
                    ClearState(into);
                }
                else if (withState)
                {
                    foreach (var (name, values) in into.OptimizerState)
                    {
                        await reader.ReadAsync(reader.Header.Get(name), values, cancellation);
                    }

                    await reader.CompleteAsync(cancellation);
                    into.HasState = true;
                }
            },
            cancellation) is not null;
        if (found)
        {
            into.Round = round;
        }

        return found;
    }

    /// <summary>Reads the optimizer's state that belongs to a checkpoint read without it; false when the checkpoint is not there any more.</summary>
    /// <exception cref="InvalidDataException">The blob does not fit the layout.</exception>
    public async Task<bool> TryReadCheckpointStateAsync(string job, Checkpoint into, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(into);
        ArgumentOutOfRangeException.ThrowIfNegative(into.Round);
        into.HasState = into.HasState || into.OptimizerState.Count == 0
            || await _tensors.TryReadFloatsAsync(JobBlobs.Checkpoint(job, into.Round), into.StateOffset, [.. into.OptimizerState.Values], cancellation);
        return into.HasState;
    }

    /// <summary>Waits until a checkpoint is there and reads its parameters, asking no more often than makes sense.</summary>
    public async Task WaitForCheckpointAsync(string job, int round, Checkpoint into, RoundWaiter pacing, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pacing);
        pacing.Begin();
        while (!await TryReadCheckpointAsync(job, round, into, cancellation: cancellation))
        {
            await pacing.DelayAsync(cancellation);
        }

        pacing.Arrived();
    }

    /// <summary>The newest checkpoint; -1 when there is none. One request, as old ones are pruned.</summary>
    public async Task<int> LatestCheckpointAsync(string job, CancellationToken cancellation = default) =>
        (await ListCheckpointsAsync(job, cancellation)).DefaultIfEmpty(-1).Max();

    /// <summary>The checkpoints in storage. One request, as old ones are pruned.</summary>
    public async Task<IReadOnlySet<int>> ListCheckpointsAsync(string job, CancellationToken cancellation = default)
    {
        var prefix = JobBlobs.Checkpoints(job);
        var checkpoints = new HashSet<int>();
        await foreach (var blob in _container.GetBlobsAsync(prefix: prefix, cancellationToken: cancellation))
        {
            if (JobBlobs.TryParseRound(blob.Name, prefix, out var round))
            {
                checkpoints.Add(round);
            }
        }

        return checkpoints;
    }

    /// <summary>Writes a shard's optimizer state after a round; false when it is there already.</summary>
    public Task<bool> WriteShardStateAsync(string job, int round, int shard, ShardState state, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        var tensors = state.Tensors.OrderBy(tensor => tensor.Key, StringComparer.Ordinal).Select(tensor => new SafetensorsTensor(tensor.Key, tensor.Value));
        var metadata = new Dictionary<string, string> { ["step"] = state.Step.ToString(CultureInfo.InvariantCulture) };
        return _tensors.TryWriteAsync(JobBlobs.ShardState(job, round, shard), [.. tensors], metadata, null, cancellation);
    }

    /// <summary>Reads a shard's optimizer state after a round; false when there is none.</summary>
    /// <exception cref="InvalidDataException">The blob has other tensors than <paramref name="into"/>.</exception>
    public async Task<bool> TryReadShardStateAsync(string job, int round, int shard, ShardState into, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(into);
        return await _tensors.TryReadAsync(
            JobBlobs.ShardState(job, round, shard),
            null,
            async (reader, _) =>
            {
                into.Step = BlobMetadata.Number(reader.Header, "step");
                foreach (var (name, values) in into.Tensors.OrderBy(tensor => tensor.Key, StringComparer.Ordinal))
                {
                    await reader.ReadAsync(reader.Header.Get(name), values, cancellation);
                }

                await reader.CompleteAsync(cancellation);
            },
            cancellation) is not null;
    }

    /// <summary>Writes how a checkpoint did on a shard's slice of the test split; false when that is known already.</summary>
    public Task<bool> WriteEvaluationAsync(string job, int checkpoint, int shard, ShardEvaluation evaluation, BlobFacts facts, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return _tensors.TryWriteAsync(
            JobBlobs.Evaluation(job, checkpoint, shard),
            [new SafetensorsTensor(OutputsName, evaluation.Outputs)],
            BlobMetadata.OfEvaluation(evaluation),
            BlobMetadata.WithFacts(BlobMetadata.OfEvaluation(evaluation), facts),
            cancellation);
    }

    /// <summary>How a checkpoint did on the test split, as far as shards have evaluated it. One request.</summary>
    public async Task<EvaluationSummary> ReadEvaluationsAsync(string job, int checkpoint, CancellationToken cancellation = default)
    {
        var summary = new EvaluationSummary([], 0, null, 0);
        var blobs = new SortedDictionary<int, BlobItem>();
        await foreach (var blob in _container.GetBlobsAsync(BlobTraits.Metadata, prefix: JobBlobs.Evaluations(job, checkpoint), cancellationToken: cancellation))
        {
            if (JobBlobs.TryParseShard(blob.Name, out var shard))
            {
                blobs.Add(shard, blob);
            }
        }

        foreach (var (shard, blob) in blobs)
        {
            summary = BlobMetadata.AddEvaluation(summary, blob, shard);
        }

        return summary;
    }

    /// <summary>Reads one shard's evaluation with its outputs; null when there is none.</summary>
    /// <exception cref="InvalidDataException">The blob is damaged.</exception>
    public async Task<ShardEvaluation?> ReadEvaluationAsync(string job, int checkpoint, int shard, CancellationToken cancellation = default)
    {
        ShardEvaluation? evaluation = null;
        await _tensors.TryReadAsync(
            JobBlobs.Evaluation(job, checkpoint, shard),
            null,
            async (reader, _) =>
            {
                var entry = reader.Header.Get(OutputsName);
                var outputs = new float[entry.Elements];
                await reader.ReadAsync(entry, outputs, cancellation);
                evaluation = BlobMetadata.ReadEvaluation(reader.Header) with { Outputs = outputs };
            },
            cancellation);
        return evaluation;
    }

    /// <summary>Deletes contributions, shard states, evaluations and checkpoints of the rounds before <paramref name="beforeRound"/>.</summary>
    public async Task PruneAsync(string job, int beforeRound, CancellationToken cancellation = default)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation };
        foreach (var prefix in (string[])[JobBlobs.Rounds(job), JobBlobs.Checkpoints(job), JobBlobs.Evaluations(job)])
        {
            await Parallel.ForEachAsync(
                OldAsync(prefix, beforeRound, cancellation),
                options,
                async (path, stop) => await _container.GetBlobClient(path).DeleteIfExistsAsync(cancellationToken: stop));
        }
    }

    private static List<SafetensorsTensor> Regions(float[] trainable, float[] buffers) => Regions(new SafetensorsTensor(TrainableName, trainable), buffers);

    private static List<SafetensorsTensor> Regions(SafetensorsTensor trainable, float[] buffers)
    {
        var tensors = new List<SafetensorsTensor> { trainable };
        if (buffers.Length > 0)
        {
            tensors.Add(new SafetensorsTensor(BuffersName, buffers));
        }

        return tensors;
    }

    private static async Task ReadContributionAsync(SafetensorsReader reader, Contribution into, CancellationToken cancellation)
    {
        if (into.Packed is null)
        {
            await ReadRegionsAsync(reader, into.Trainable, into.Buffers, cancellation);
            return;
        }

        await reader.ReadBFloat16Async(reader.Header.Get(TrainableName), into.Packed, cancellation);
        into.Unpack();
        await ReadBuffersAsync(reader, into.Buffers, cancellation);
    }

    private static async Task ReadRegionsAsync(SafetensorsReader reader, float[] trainable, float[] buffers, CancellationToken cancellation)
    {
        await reader.ReadAsync(reader.Header.Get(TrainableName), trainable, cancellation);
        await ReadBuffersAsync(reader, buffers, cancellation);
    }

    private static async Task ReadBuffersAsync(SafetensorsReader reader, float[] buffers, CancellationToken cancellation)
    {
        if (buffers.Length > 0)
        {
            await reader.ReadAsync(reader.Header.Get(BuffersName), buffers, cancellation);
        }
    }

    private static void ClearState(Checkpoint checkpoint)
    {
        foreach (var values in checkpoint.OptimizerState.Values)
        {
            Array.Clear(values);
        }

        checkpoint.HasState = true;
    }

    // Names sort as rounds do: the first one that stays ends the listing.
    private async IAsyncEnumerable<string> OldAsync(
        string prefix, int beforeRound, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var blob in _container.GetBlobsAsync(prefix: prefix, cancellationToken: cancellation))
        {
            if (!JobBlobs.TryParseRound(blob.Name, prefix, out var round))
            {
                continue;
            }

            if (round >= beforeRound)
            {
                yield break;
            }

            yield return blob.Name;
        }
    }
}
