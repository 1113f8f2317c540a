using Serverless.Core.Datasets;
using Serverless.Core.Networks;
using Serverless.Core.Validation;

namespace Serverless.Core.Jobs;

/// <summary>Fits a job to its dataset: slices, steps and rounds. A pure function, so that planning twice gives the same plan.</summary>
public static class Planner
{
    /// <summary>Most steps of an epoch.</summary>
    private const int MaximumStepsPerEpoch = 1_000_000_000;

    /// <summary>Plans a job.</summary>
    /// <param name="job">The job's id.</param>
    /// <param name="spec">What the user asked for.</param>
    /// <param name="train">Manifest of the dataset's train split.</param>
    /// <exception cref="ValidationException">The job does not fit the dataset: a layer's shape, more shards than rows, a loss for another kind of label, too many rounds.</exception>
    public static JobPlan Plan(string job, JobSpec spec, DatasetManifest train)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(train);
        var errors = new FieldErrors();
        CheckShards(spec, train.Rows, errors);
        CheckLoss(spec, train.Label, errors);
        var inputShape = train.Features.Shape.ToArray();
        Network? network = null;
        try
        {
            network = Network.Compile(spec.Network, inputShape, train.Label.Outputs);
        }
        catch (ValidationException e)
        {
            errors.Add(e);
        }

        errors.ThrowIfAny();
        var stepsPerEpoch = (int)CeilingOf(CeilingOf(train.Rows, spec.Shards), spec.BatchSize);
        var (rounds, totalSteps) = RoundsOf(spec, stepsPerEpoch);
        return new JobPlan
        {
            Job = job,
            Rounds = rounds,
            StepsPerEpoch = stepsPerEpoch,
            TotalSteps = totalSteps,
            LocalSteps = spec.LocalSteps,
            Shards = Slices(spec.Shards, train.Rows, train.Test?.Rows ?? 0),
            CheckpointEvery = CheckpointInterval.Of(spec, network!),
            EvaluateEvery = spec.EvaluateEvery ?? (int)Math.Clamp(Math.Round((double)stepsPerEpoch / spec.LocalSteps), 1, rounds),
            TestRows = train.Test?.Rows ?? 0,
            DatasetSha256 = train.Sha256,
            InputShape = inputShape,
            Outputs = train.Label.Outputs,
            Parameters = network!.Layout.TrainableLength,
        };
    }

    private static void CheckShards(JobSpec spec, long rows, FieldErrors errors)
    {
        var most = Math.Min(JobLimits.Shards, rows);
        if (spec.Shards < 1 || spec.Shards > most)
        {
            errors.Add("shards", $"is {spec.Shards}; legal 1..{most}, as the dataset '{spec.Dataset}' has {rows} rows");
            return;
        }

        if (CeilingOf(CeilingOf(rows, spec.Shards), spec.BatchSize) > MaximumStepsPerEpoch)
        {
            errors.Add("batchSize", $"is {spec.BatchSize}; with {rows} rows in {spec.Shards} shards an epoch has more than {MaximumStepsPerEpoch} steps");
        }

        // Otherwise the smaller shards would have a step without a row.
        if (spec.BatchSize == 1 && rows % spec.Shards != 0)
        {
            errors.Add("batchSize", $"is 1; legal 2..{JobLimits.BatchSize}, as {rows} rows do not divide into {spec.Shards} equal shards");
        }
    }

    private static void CheckLoss(JobSpec spec, LabelSpec label, FieldErrors errors)
    {
        if ((spec.Loss == LossKind.CrossEntropy) == (label.Kind == LabelKind.Class))
        {
            return;
        }

        var labels = label.Kind == LabelKind.Class ? "classes" : "numbers";
        var fitting = label.Kind == LabelKind.Class ? LossKind.CrossEntropy : LossKind.MeanSquaredError;
        errors.Add("loss", $"is {EnumWords.For(spec.Loss)}; legal {EnumWords.For(fitting)}, as the labels of the dataset '{spec.Dataset}' are {labels}");
    }

    private static (int Rounds, long TotalSteps) RoundsOf(JobSpec spec, int stepsPerEpoch)
    {
        if (spec.Rounds is { } rounds)
        {
            return (rounds, (long)rounds * spec.LocalSteps);
        }

        var steps = (long)Math.Max(1, Math.Ceiling(spec.Epochs!.Value * stepsPerEpoch));
        var needed = CeilingOf(steps, spec.LocalSteps);
        return needed <= JobLimits.Rounds
            ? ((int)needed, steps)
            : throw new ValidationException(
                "epochs",
                $"is {spec.Epochs}, which takes {needed} rounds; legal are 1..{JobLimits.Rounds} rounds: more localSteps or a greater batchSize makes them fewer");
    }

    private static List<ShardPlan> Slices(int shards, long rows, long testRows)
    {
        var slices = new List<ShardPlan>(shards);
        for (var shard = 0; shard < shards; shard++)
        {
            var (first, count) = Slice(shard, shards, rows);
            var (firstTest, testCount) = Slice(shard, shards, testRows);
            slices.Add(new ShardPlan(shard, first, count, firstTest, testCount));
        }

        return slices;
    }

    // The first (rows mod shards) slices have one row more.
    private static (long First, long Count) Slice(int shard, int shards, long rows)
    {
        var (size, larger) = (rows / shards, rows % shards);
        return ((shard * size) + Math.Min(shard, larger), size + (shard < larger ? 1 : 0));
    }

    private static long CeilingOf(long value, long divisor) => (value + divisor - 1) / divisor;
}
