using System.Runtime.InteropServices;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;

namespace Serverless.ControlPlane.Tests;

/// <summary>Does a trainer's part with numbers made by hand: for a network of one linear layer.</summary>
internal sealed class HandTrainer(ControlPlaneApp app, TrainingJob job)
{
    private static readonly BlobFacts Facts = new("hand");

    /// <summary>Contributes to a round for some shards, or all.</summary>
    public async Task ContributeAsync(int round, float gradient = 0.25f, params int[] shards)
    {
        foreach (var shard in shards.Length == 0 ? [.. job.Plan.Shards.Select(shard => shard.Index)] : shards)
        {
            var contribution = new Contribution(job.Layout) { Samples = 10, LossSum = 5 + shard, Steps = 1 };
            Array.Fill(contribution.Trainable, gradient * (shard + 1));
            await app.Rounds.WriteContributionAsync(job.Id, round, shard, contribution, Facts);
        }
    }

    /// <summary>Does all rounds of the job.</summary>
    public async Task TrainAsync()
    {
        for (var round = 0; round < job.Plan.Rounds; round++)
        {
            await ContributeAsync(round);
            var memory = new RoundMemory(job);
            Assert.Equal(ReduceOutcome.Reduced, (await app.Get<RoundReducer>().ReduceAsync(job, round, memory)).Outcome);
            await memory.SettleAsync();
        }
    }

    /// <summary>Evaluates the last checkpoint, with outputs off by as much as is asked for.</summary>
    public async Task EvaluateAsync(float error = 0, params int[] shards)
    {
        var checkpoint = new Checkpoint(job.Layout);
        Assert.True(await app.Rounds.TryReadCheckpointAsync(job.Id, job.Plan.Rounds, checkpoint));
        var inputs = await InputsAsync();
        foreach (var shard in job.Plan.Shards.Where(shard => shards.Length == 0 || shards.Contains(shard.Index)))
        {
            var outputs = Enumerable.Range((int)shard.FirstTestRow, (int)shard.TestRows).SelectMany(row => Outputs(checkpoint.Trainable, inputs[row])).ToArray();
            outputs[^1] += error;
            await app.Rounds.WriteEvaluationAsync(
                job.Id,
                job.Plan.Rounds,
                shard.Index,
                new ShardEvaluation { Rows = shard.TestRows, Correct = shard.TestRows / 2, LossSum = 2 * shard.TestRows, FirstOutputRow = shard.FirstTestRow, Outputs = outputs },
                Facts);
        }
    }

    private float[] Outputs(float[] parameters, float[] input) =>
    [
        .. Enumerable.Range(0, job.Plan.Outputs).Select(output =>
            parameters[(job.Plan.Outputs * input.Length) + output] + input.Select((value, i) => value * parameters[(output * input.Length) + i]).Sum()),
    ];

    private async Task<float[][]> InputsAsync()
    {
        var store = app.Get<DatasetStore>();
        var test = await store.GetManifestAsync(ControlPlaneApp.Dataset, DatasetSplits.Test);
        using var reader = store.OpenReader(test);
        var rows = new byte[test.Rows * test.RowBytes];
        await reader.ReadRowsAsync(0, (int)test.Rows, rows);
        return
        [
            .. Enumerable.Range(0, (int)test.Rows).Select(row => Raw(test, rows.AsSpan(row * test.RowBytes, test.Features.Bytes))
                .Select((raw, i) => (raw - test.Scaling.Offset[i % test.Scaling.Offset.Count]) * test.Scaling.Scale[i % test.Scaling.Scale.Count]).ToArray()),
        ];
    }

    private static float[] Raw(DatasetManifest split, ReadOnlySpan<byte> row) =>
        split.Features.Type == FeatureType.UInt8 ? [.. row.ToArray().Select(value => (float)value)] : MemoryMarshal.Cast<byte, float>(row).ToArray();
}
